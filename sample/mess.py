"""What happens to a value on its way into a record. Each is a pure function of a stream and a value; none knows of persons."""

from collections.abc import Sequence
from datetime import date
from random import Random

INVISIBLE = ("\u200b", "\ufeff", "\u00a0", "\u200e", "\u00ad", "\u2060")
_NEIGHBOURS = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "p": "o",
    "q": "w",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}
_LOOKALIKES = (
    ("rn", "m"),
    ("O", "0"),
    ("l", "1"),
    ("I", "l"),
    ("S", "5"),
    ("B", "8"),
    ("m", "rn"),
    ("e", "c"),
    ("0", "O"),
    ("1", "l"),
)
_KANJI = (
    ("斎", "斉"),
    ("斉", "斎"),
    ("高", "髙"),
    ("崎", "﨑"),
    ("辺", "邊"),
    ("沢", "澤"),
    ("浜", "濱"),
    ("島", "嶋"),
    ("桜", "櫻"),
    ("真", "眞"),
)
_DOMAIN_SLIPS = {
    "gmail.com": ("gmial.com", "gmail.con", "gamil.com", "gmail.co", "gmal.com", "gmail.cm", "gnail.com"),
    "hotmail.com": ("hotmial.com", "hotmal.com", "hotmail.con"),
    "yahoo.com": ("yaho.com", "yahoo.con", "yhaoo.com"),
    "outlook.com": ("outlok.com", "outlook.con"),
    "naver.com": ("naver.con", "nave.com"),
    "web.de": ("web.d", "wbe.de"),
}
DISPOSABLE = ("mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com", "temp-mail.org", "trashmail.com")
PLACEHOLDER_EMAILS = (
    "test@test.com",
    "noemail@noemail.com",
    "none@none.com",
    "na@na.com",
    "no@email.com",
    "noemail@store.com",
    "x@x.com",
)
PLACEHOLDER_PHONES = ("0000000000", "0", "N/A", "1111111111", "9999999999", "123456789", "none", "-", "0000")
PLACEHOLDER_NAMES = (
    ("GUEST", ""),
    ("N/A", "N/A"),
    ("Test", "Test"),
    ("Walk-in", "Customer"),
    ("Customer", ""),
    ("xxx", "xxx"),
    (".", "."),
)
FAKE_BIRTHDAYS = (date(1900, 1, 1), date(1970, 1, 1), date(1901, 1, 1), date(2000, 1, 1), date(1911, 11, 11))


def typo(rng: Random, text: str) -> str:
    """One slip of the fingers: a letter turned, dropped, doubled or hit beside; for kanji a variant form, where there is one."""
    for old, new in _KANJI:
        if old in text:
            return text.replace(old, new, 1)
    letters = [i for i, c in enumerate(text) if c.isascii() and c.isalpha() and i > 0]
    if len(letters) < 3:
        return text
    at = rng.choice(letters[:-1])
    match rng.randrange(4):
        case 0:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + text[at] + text[at:]
        case _:
            return text[:at] + rng.choice(_NEIGHBOURS.get(text[at].lower(), "e")) + text[at + 1 :]


def ocr_slip(rng: Random, text: str) -> str:
    """One letter read as one that looks like it."""
    fits = [(old, new) for old, new in _LOOKALIKES if old in text]
    if not fits:
        return text
    old, new = rng.choice(fits)
    return text.replace(old, new, 1)


def recase(rng: Random, text: str) -> str:
    """All capitals, or all small."""
    return text.upper() if rng.random() < 0.6 else text.lower()


def whitespace(rng: Random, text: str) -> str:
    """A blank before, behind or doubled inside."""
    ways = (f" {text}", f"{text} ", f"{text}  ", text.replace(" ", "  ", 1) if " " in text else f"\t{text}")
    return rng.choice(ways)


def invisible(rng: Random, text: str) -> str:
    """A character nobody sees, from copying out of a chat or a page."""
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(INVISIBLE) + text[at:]


def mojibake(text: str) -> str:
    """UTF-8 read as Windows-1252; the five bytes that page leaves open are read as Latin-1, as sloppy decoders do."""
    read = []
    for byte in text.encode("utf-8"):
        try:
            read.append(bytes([byte]).decode("cp1252"))
        except UnicodeDecodeError:
            read.append(chr(byte))
    return "".join(read)


def plus_tag(rng: Random, email: str) -> str:
    """The same mailbox under a tag."""
    local, _, domain = email.partition("@")
    tag = rng.choice(("shop", "suki", "promo", "new", "1", "2", "3", "sale", "coupon", "x"))
    return f"{local}+{tag}{rng.choice(('', '', '1', '26'))}@{domain}"


def gmail_dots(rng: Random, email: str) -> str:
    """The same Gmail mailbox with other dots."""
    local, _, domain = email.partition("@")
    if domain != "gmail.com":
        return email
    tag = local[local.index("+") :] if "+" in local else ""
    bare = local.removesuffix(tag).replace(".", "")
    cuts = sorted(rng.sample(range(1, len(bare)), min(rng.randint(1, 3), len(bare) - 1)))
    parts = [bare[i:j] for i, j in zip([0, *cuts], [*cuts, len(bare)], strict=True)]
    return f"{'.'.join(parts)}{tag}@{rng.choice(['gmail.com', 'gmail.com', 'gmail.com', 'googlemail.com'])}"


def email_case(rng: Random, email: str) -> str:
    """Capitals where there were none."""
    local, _, domain = email.partition("@")
    return rng.choice((email.upper(), f"{local.title()}@{domain}", f"{local.capitalize()}@{domain.capitalize()}"))


def email_typo(rng: Random, email: str) -> str:
    """A slip in the domain mostly, else in the name of the box."""
    local, _, domain = email.partition("@")
    if domain in _DOMAIN_SLIPS and rng.random() < 0.65:
        return f"{local}@{rng.choice(_DOMAIN_SLIPS[domain])}"
    if rng.random() < 0.15:
        return rng.choice((f"{local}{domain}", f"{local}@@{domain}", f"{local}@{domain.replace('.', ',')}", f"{local} @{domain}"))
    return f"{typo(rng, local)}@{domain}"


def disposable(rng: Random) -> str:
    """A mailbox thrown away tomorrow."""
    local = "".join(rng.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(rng.randint(7, 11)))
    return f"{local}@{rng.choice(DISPOSABLE)}"


def phone_typo(rng: Random, text: str) -> str:
    """One digit wrong, or two turned."""
    digits = [i for i, c in enumerate(text) if c.isdigit()][4:]
    if len(digits) < 2:
        return text
    at = rng.choice(digits)
    return text[:at] + str((int(text[at]) + rng.randint(1, 9)) % 10) + text[at + 1 :]


def fake_phone(rng: Random, calling_code: str) -> str:
    """A number somebody made up to get past the field."""
    return rng.choice(
        (f"+{calling_code}{rng.choice('123456789') * 10}", f"+{calling_code}1234567890", f"{rng.randrange(10**6):06d}")
    )


def excel_phone(rng: Random, e164: str, national: str) -> str:
    """What a spreadsheet leaves of a number: scientific, without its leading zero, or as a float."""
    digits = e164.lstrip("+")
    bare = "".join(c for c in national if c.isdigit())
    return rng.choice(
        (f"{int(digits):.5E}", f"{int(digits):.11E}".replace("E+", "E+"), bare.lstrip("0") or digits, f"{digits}.0", f"{bare}.0")
    )


def excel_date(day: date) -> str:
    """A date as a spreadsheet's serial number (1900 date system)."""
    return str((day - date(1899, 12, 30)).days)


def phone(rng: Random, e164: str, calling_code: str, groups: Sequence[int], national: Sequence[str], home: bool) -> str:
    """A number as people write it: in the country's own way (``home``) or with its code, spaced, dashed or bare."""
    digits = e164.removeprefix(f"+{calling_code}")
    pieces, at = [], 0
    for size in groups[:-1]:
        pieces.append(digits[at : at + size])
        at += size
    pieces.append(digits[at:])
    if home:
        return rng.choice(national).format(*pieces)
    return rng.choice(
        (
            e164,
            e164,
            e164,
            f"+{calling_code} {' '.join(pieces)}",
            f"+{calling_code}-{'-'.join(pieces)}",
            f"00{calling_code}{digits}",
            f"{calling_code}{digits}",
            f"(+{calling_code}) {digits}",
        )
    )


def abbreviate(text: str, pairs: dict[str, str]) -> str:
    """A street as people shorten it."""
    for long, short in pairs.items():
        if long in text:
            return text.replace(long, short, 1)
    return text


def birthday_slip(rng: Random, day: date) -> date:
    """Day and month turned where that is a date, else a year one digit off."""
    if day.day <= 12 and rng.random() < 0.6:
        return date(day.year, day.day, day.month)
    return day.replace(year=day.year + rng.choice((-10, -1, 1, 10)), day=min(day.day, 28))
