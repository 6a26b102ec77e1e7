"""E-mail addresses: read out of what people type, repaired only where the meaning is certain, keyed by the mailbox they reach."""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email

from include.cleaning import reference
from include.cleaning.folding import within_one_edit
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_PLAIN = re.compile(
    r"(?=.{1,64}@)[a-z0-9](?:[a-z0-9_+-]|\.(?!\.|@))*@(?=[^@]{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_ADDRESS = re.compile(r"[^\s<>;,|()\[\]\"]+@[^\s<>;,|()\[\]\"]+")
_AT = re.compile(r"\s*(?:[(\[{<]\s*(?:at|a|arroba|kukac|chez)\s*[)\]}>]|\s+(?:at|AT)\s+)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:[(\[{<]\s*(?:dot|punkt|punto|ponto|point|kropka)\s*[)\]}>]|\s+(?:dot|DOT)\s+)\s*", re.IGNORECASE)
_SCHEME = re.compile(r"^\s*(?:e-?mail|mail|mailto|correo)\s*:\s*(?://)?", re.IGNORECASE)
_SPACE_BY_AT = re.compile(r"\s*@\s*")
_EDGES = "\"'`.,;:<>()[]{}|! \u3002\uff0c"
_BEHIND_SCHEME = re.compile(r"\?[^@]*$")
_FRONT = _EDGES.replace(".", "")  # a dot in front is no mark of the sentence: the address is broken


_OF_A_COUNTRY = re.compile(r"(?:com?\.)?[a-z]{2}")


_LONGEST = 320  # local part, at sign and domain, RFC 3696


class _Provider(NamedTuple):
    name: str
    same: str | None
    tag: str | None
    dots: bool


@remembered
def clean_emails(text: str) -> Cleaned[tuple[str, ...]]:
    """The addresses in a field, lower case; those that are invalid or stand for nobody are emptied and flagged.

    Flags of kept addresses: ``role``, ``disposable``, ``forwarder``, ``suspicious`` and ``several``.
    """
    if _PLAIN.fullmatch(text) and text.rpartition("@")[2] in _providers():  # the common case: nothing to repair, a real provider
        return _judged((text,), None)
    mended = unicodedata.normalize("NFKC", repair(text)).replace("\uff20", "@")
    if not mended:
        return Cleaned(())
    if is_placeholder(mended):
        return Cleaned((), "placeholder", ("placeholder",))
    candidates, rule = _candidates(mended)
    kept: list[str] = []
    for candidate in candidates:
        address, fixed = _address(candidate)
        rule = fixed or rule
        if address and address not in kept:
            kept.append(address)
    if not kept:
        return Cleaned((), "invalid", ("invalid",))
    if (len(kept) > 1 or kept[0] != text) and rule is None:
        rule = "email_form" if kept[0] != text.lower() or len(kept) > 1 else "lower_case"
    return _judged(tuple(kept), rule)


@remembered
def email_key(address: str) -> str:
    """The mailbox an address reaches: provider aliases, tags and dots taken off only where the provider documents them."""
    local, _, domain = address.lower().rpartition("@")
    provider = _providers().get(domain)
    if provider is None:
        return f"{local}@{domain}"
    if provider.tag:
        local = local.partition(provider.tag)[0] or local
    if provider.dots:
        local = local.replace(".", "") or local
    return f"{local}@{provider.same or domain}"


@remembered
def email_flags(address: str) -> tuple[str, ...]:
    """What an address is beside valid: ``placeholder``, ``role``, ``disposable``, ``forwarder``."""
    local, _, domain = address[-_LONGEST:].rpartition("@")
    bare = local.partition("+")[0]
    if address in reference.words("placeholders", "email") or bare in reference.words("placeholders", "email_local"):
        return ("placeholder",)
    if _says_nothing(bare, domain.partition(".")[0]):
        return ("placeholder",)
    flags = []
    if bare in reference.words("emails", "role"):
        flags.append("role")
    if any(parent in reference.words("emails", "forwarders") for parent in _parents(domain)):
        flags.append("forwarder")
    elif any(parent in blocklist for parent in _parents(domain)):
        flags.append("disposable")
    foreign = not address.isascii() or "xn--" in domain
    if foreign and any(_mixed_scripts(label) for label in (local, *map(_shown, domain.split(".")))):
        flags.append("suspicious")
    return tuple(flags)


def _says_nothing(local: str, name: str) -> bool:
    """A mailbox that repeats its domain and is no word: ``aa@aa.com``, ``123@123.com``, ``asdf@asdf.com``."""
    if len(local) > 1 and len(set(local)) == 1 and set(name) == {local[0]}:
        return True
    return local == name and (local.isdecimal() or local in reference.words("emails", "keyboard"))


def _shown(label: str) -> str:
    """A label of a domain as people see it."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _judged(addresses: tuple[str, ...], rule: str | None) -> Cleaned[tuple[str, ...]]:
    flags: list[str] = ["several"] if len(addresses) > 1 else []
    kept = []
    for address in addresses:
        found = email_flags(address)
        flags.extend(flag for flag in found if flag not in flags)
        if "placeholder" not in found:
            kept.append(address)
    return Cleaned(tuple(kept), rule if kept else "placeholder", tuple(flags))


def _candidates(text: str) -> tuple[list[str], str | None]:
    """The parts of a field that are meant as addresses, and the rule that parted or joined them."""
    rule = None
    text, schemes = _SCHEME.subn("", text)
    text = _BEHIND_SCHEME.sub("", text) if schemes else text
    if "@" not in text:
        spelled = _DOT.sub(".", _AT.sub("@", text, count=1))
        if "@" in spelled:
            text, rule = spelled, "obfuscated"
    elif re.search(r"[(\[]\s*dot\s*[)\]]", text, re.IGNORECASE):
        text, rule = _DOT.sub(".", text), "obfuscated"
    if text.count("@") > 1:
        found = [part for part in re.split(r"[;,|\s]+|/(?=[^\s/@]+@)", text) if "@" in part]
        return [part.strip(_EDGES).removeprefix("mailto:") for part in found], "several" if len(found) > 1 else rule
    inside = re.search(r"<([^<>]*@[^<>]*)>", text)
    if inside:
        return [_SCHEME.sub("", inside.group(1)).strip(_EDGES)], "email_form"
    stripped = text.lstrip(_FRONT).rstrip(_EDGES)
    if " " in stripped:
        closed = _SPACE_BY_AT.sub("@", stripped)
        if " " in closed and (found_one := _ADDRESS.search(closed)) and _PLAIN.fullmatch(found_one.group().strip(_EDGES).lower()):
            # "jane example@x.org" may be "jane.example": words beside a whole address are left out, never glued to it
            return [found_one.group().strip(_EDGES)], "words_beside"
        return [closed.replace(" ", "") if closed.count(" ") <= 1 else closed], "inner_space"
    return [stripped], rule


def _address(candidate: str) -> tuple[str | None, str | None]:
    """The valid address a candidate means, with the rule that changed it; None when it means none."""
    local, _, domain = candidate.lower().rpartition("@")
    if not local or len(local.encode()) > 64 or not domain or domain.startswith((".", "-")):
        return None, None
    domain = domain.rstrip(".")
    fixed = _fixed_domain(domain)
    rule = "domain_typo" if fixed != domain else None
    address = f"{local}@{fixed}"
    ending = fixed.rpartition(".")[2]
    if ending in reference.words("emails", "reserved") or "." not in fixed or len(ending) < 2:
        return None, None
    if _PLAIN.fullmatch(address):
        return address, rule
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=True)
    except (EmailNotValidError, ValueError):
        return None, None
    # one written form for international domains: the one mail servers see
    domain = valid.ascii_domain or valid.domain
    written = f"{valid.local_part}@{domain}"
    return written, rule or ("international_domain" if domain != fixed else None)


@remembered
def _fixed_domain(domain: str) -> str:  # noqa: C901, PLR0911 - a ladder, read from the top
    """A mistyped provider's domain put right. A domain that is known always wins; unknown ones are left alone."""
    domain = domain.replace(",", ".") if "," in domain else domain
    known = _providers()
    if domain in known or domain in reference.words("emails", "forwarders"):
        return domain
    name, _, ending = domain.partition(".")
    endings: dict[str, str] = reference.table("emails")["endings"]
    if (held := _HELD_KEY.sub(r"\1", domain)) in known:  # gmailll.com
        return held
    targets = _targets()
    by_name = {target.partition(".")[0]: target for target in reversed(targets)}
    if not ending and name in by_name and name in {"gmail", "hotmail", "outlook", "icloud", "yahoo", "googlemail", "protonmail"}:
        return by_name[name]
    if not ending:
        return next((target for target in targets if target.replace(".", "") == name), domain)
    meant = endings.get(ending)
    if meant and f"{name}.{meant}" in known:
        return f"{name}.{meant}"
    if name in reference.words("emails", "regional") and _OF_A_COUNTRY.fullmatch(ending):
        return domain
    if not domain.isascii():  # a letter that only looks like the provider's is no slip of the pen
        return domain
    short: list[str] = reference.table("emails")["short"]
    for target in [*targets, *short]:
        if (target not in short or target.partition(".")[0] == name) and within_one_edit(domain, target):
            return target
    if meant:  # a slip in the name and one in the ending: gmial.con
        fixed = f"{name}.{meant}"
        near = next((target for target in targets if within_one_edit(fixed, target)), None)
        if near or ending not in reference.words("emails", "real_endings"):
            return near or fixed
    return domain


_HELD_KEY = re.compile(r"([a-z])\1{2,}")
_LONG_NAME = 7
"""Letters of a provider's name that hardly another domain misses by one."""


@cache
def _targets() -> tuple[str, ...]:
    """What a mistyped domain becomes: the declared ones first, then every provider's with a long name."""
    declared: list[str] = reference.table("emails")["fix_to"]
    long = (domain for domain in _providers() if len(domain.partition(".")[0]) >= _LONG_NAME)
    return tuple(dict.fromkeys((*declared, *long)))


@cache
def _providers() -> dict[str, _Provider]:
    providers = {}
    for name, rule in reference.table("emails")["providers"].items():
        for domain in rule["domains"]:
            providers[domain] = _Provider(name, rule.get("same"), rule.get("tag"), rule.get("dots", False))
    return providers


def _parents(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[i:]) for i in range(len(labels) - 1)]


def _mixed_scripts(domain: str) -> bool:
    return len({unicodedata.name(c, "?").partition(" ")[0] for c in domain if c.isalpha()} & {"LATIN", "CYRILLIC", "GREEK"}) > 1
