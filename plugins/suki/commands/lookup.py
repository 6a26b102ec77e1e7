"""Say whether a person is a customer, before creating one: known, possible or new.

What is asked is cleaned, found and weighed as a resolve run would. Give a name and at least one of e-mail, phone, birth date,
street address or loyalty card; for a value given as - you are asked, so that it need not stand in the shell's history. The id of
a customer is printed only where one is known for sure; of a possible one nothing is told, and no value is repeated.
"""

import argparse
import getpass
import json
import sys
from dataclasses import asdict

ROLE = "suki_steward"
"""Who may look at people; this only reads."""

_OPTIONS = {
    "name": ("full_name", "the whole name, in place of given and family"),
    "given": ("given_name", "given name"),
    "family": ("family_name", "family name"),
    "company": ("company_name", "company"),
    "email": ("emails", "e-mail address"),
    "phone": ("phones", "phone number, best with its country's code"),
    "birth-date": ("birth_date", "date of birth"),
    "loyalty": ("loyalty_ids", "loyalty card"),
    "address": ("address_line", "street and number"),
    "postcode": ("postcode", "postcode"),
    "city": ("city", "city"),
    "country": ("country", "country, by its code or name"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to ask for."""
    for option, (field, what) in _OPTIONS.items():
        parser.add_argument(f"--{option}", dest=field, metavar="TEXT", help=what)
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Ask, and tell."""
    person = {}
    for option, (field, _) in _OPTIONS.items():
        given = getattr(arguments, field)
        if given == "-":
            given = getpass.getpass(f"{option}: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        if given:
            person[field] = given
    from include.lookup import must_tell
    from suki import connections

    must_tell(person)
    with connections.warehouse(ROLE, "looking a person up") as warehouse:
        from suki.deciding.who import user
        from suki.looking_up import Desk

        told = Desk(warehouse).ask(warehouse, person, caller=f"suki lookup by {user()}")
    if arguments.json:
        print(json.dumps(asdict(told), indent=2))
        return 0
    print(f"{told.verdict}: {told.reason}")
    if told.customer_id:
        print(f"  customer {told.customer_id}; what agrees most: {', '.join(told.because)}")
    return 0
