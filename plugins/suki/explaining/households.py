"""The story of a customer's household and registrations, and the words for it: ids, evidence and counts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from include.golden.repeat_registrations import FLAGGED
from suki.explaining.finding import answering

if TYPE_CHECKING:
    from include.warehouse.engine import Bind

SHARED = {
    "home": "one street, number and place",
    "door": "one flat or unit there",
    "phone": "a phone that few customers hold",
    "mailbox": "a mailbox that few customers hold",
    "family_name": "a family name",
    "few_names": "hardly any other family name known at that number",
}
"""What each evidence of a tie means."""

PIECES = {
    "further_accounts": "accounts beyond two",
    "alias_emails": "addresses that spell another account's mailbox otherwise",
    "numbered_emails": "addresses that differ from another account's in digits alone",
    "disposable_emails": "mailboxes to throw away",
    "promotions_again": "promotions of a first order taken again",
    "quick_first_orders": "further accounts that ordered within a day",
    "close_registrations": "registrations within a week after another",
}
"""What each evidence of a repeat registration counts."""


def living(bind: "Bind", asked: str) -> dict[str, Any]:
    """Whom a customer lives with and where they registered again, as JSON takes it.

    Raises:
        NotFound: Nobody answers to that id, or households were never looked for.
    """
    from include.warehouse import households

    customer = answering(bind, asked)
    household = households.of_customer(bind, customer)
    return {
        "asked": asked,
        "customer_id": customer,
        "household": household,
        "members": households.members_of(bind, household["household_id"]) if household else [],
        "ties": households.ties_of(bind, household["household_id"]) if household else [],
        "registrations": households.repeats_of(bind, customer),
    }


def told(story: dict[str, Any]) -> Iterator[str]:
    """The story as lines of text."""
    customer, household = story["customer_id"], story["household"]
    if story["asked"] != customer:
        yield f"{story['asked']} is {customer} now."
    if household is None:
        yield f"Customer {customer} is not known to live with another customer."
    else:
        yield (
            f"Household {household['household_id']}: {household['members']} customers, worth {household['worth']:.2f},"
            f" as it stands since publication {household['since_sequence']}."
        )
        number = {member: i for i, member in enumerate(story["members"], start=1)}
        for member, i in number.items():
            yield f"  {i}  {member}{'  (asked about)' if member == customer else ''}"
        yield "They share:"
        for tie in story["ties"]:
            shared = "; ".join(SHARED[name] for name in tie["evidence"])
            yield f"  {number[tie['customer_a']]} and {number[tie['customer_b']]}  {tie['worth']:.2f}  {shared}"
    yield ""
    if not story["registrations"]:
        yield "No source holds the customer more than once."
    for one in story["registrations"]:
        yield (
            f"{one['source']}: {one['accounts']} accounts, score {one['score']:.2f}; from {FLAGGED:g} on it counts as registering"
            f" again and again, so this {'does' if one['flagged'] else 'does not'}."
        )
        for name, count in sorted(one["evidence"].items(), key=lambda held: list(PIECES).index(held[0])):
            yield f"  {count:>3}  {PIECES[name]}"
