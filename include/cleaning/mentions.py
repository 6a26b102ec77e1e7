"""E-mail addresses and telephone numbers people mention in free text; order, card and book numbers are not taken for them."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from stdnum import luhn

from include.cleaning.emails import clean_emails
from include.cleaning.phones import is_fake
from include.cleaning.text import digits_to_ascii, repair


class Mentions(NamedTuple):
    """What a text mentions, in order of appearance."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+'-]+(?:@|\s?[(\[]\s?at\s?[)\]]\s?)[\w-]+(?:(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?)[\w-]+)+", re.IGNORECASE
)
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|pdf|docx?|xlsx?|csv|txt|zip|html?|js|css|mp4|heic)$", re.IGNORECASE)
# Words before a number that make it something else than a telephone
_VETO = re.compile(
    r"(?:order|ord\.?|#|no\.?\s*commande|commande|bestell(?:ung|nummer)?|auftrag|pedido|zamówieni\w*|invoice|rechnung|factura|facture|fatura|receipt|ticket|case|ref(?:erence)?|tracking|parcel|awb"
    r"|isbn|iban|account|konto|card|karte|tarjeta|cartão|karta|loyalty|member|vat|nip|sku|serial|imei|gtin|ean|注文|订单|訂單|快递|주문|송장|طلب|παραγγελ\w*|คำสั่งซื้อ|ऑर्डर)"
    r"(?:\s*(?:no|nr|num(?:ber|ero)?|id|号|號|番号|번호|رقم))?[\s.:#№º-]*$",
    re.IGNORECASE,
)
_LONG_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_DIGITS = re.compile(r"(?:\d\D{0,3}){7}")
_LONGEST = 5_000


@lru_cache(maxsize=8_192)
def mentions(text: str, country: str | None) -> Mentions:
    """Addresses and valid numbers in a text, numbers read as of ``country``."""
    line = digits_to_ascii(repair(text[:_LONGEST], lines=True))
    return Mentions(_emails(line), _phones(line, country) if _DIGITS.search(line) else ())


def _emails(line: str) -> tuple[str, ...]:
    if "@" not in line and "at" not in line.lower():
        return ()
    found: dict[str, None] = {}
    for match in _EMAIL.finditer(line):
        candidate = match.group().strip(".'-")
        if not _FILE.search(candidate):
            found.update(dict.fromkeys(clean_emails(candidate).value))
    return tuple(found)


def _phones(line: str, country: str | None) -> tuple[str, ...]:
    if country is None and "+" not in line:
        return ()
    line = _LONG_DIGITS.sub(
        lambda match: "x" * len(match.group()) if luhn.is_valid(re.sub(r"\D", "", match.group())) else match.group(), line
    )
    found: dict[str, None] = {}
    for match in phonenumbers.PhoneNumberMatcher(line, country, leniency=phonenumbers.Leniency.VALID):
        number = match.number
        if not _VETO.search(line[max(0, match.start - 30) : match.start]) and not is_fake(str(number.national_number)):
            found[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = None
    return tuple(found)
