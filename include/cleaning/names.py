"""Names: parsed by the custom of the person's country and script, told from companies and from nobody at all.

The name as delivered stays in ``full_name`` (mended, never re-cased); the parts are read from it only where the source does not
give them.
"""

import re
from functools import cache
from typing import Literal, NamedTuple

from nameparser import FAMILY_FIRST, FAMILY_FIRST_GIVEN_LAST, ParsedName, Parser, Policy
from nicknames import NickNamer

from include.cleaning import japanese, reference
from include.cleaning.folding import fold
from include.cleaning.name_keys import romanise
from include.cleaning.reference import NameRule
from include.cleaning.remembered import remembered
from include.cleaning.result import Change
from include.cleaning.scripts import script_of
from include.cleaning.text import is_lossy, is_placeholder_name, repair


class Name(NamedTuple):
    """The parts of a name; empty texts where it has none."""

    full: str = ""
    title: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    reading: str = ""
    """The given and family name in kana, where a record gives them in brackets behind the kanji: ``family given``."""


class CleanedName(NamedTuple):
    """A cleaned name with the changes made to its delivered fields and what is to be known of them, as ``field:flag``."""

    name: Name
    changes: tuple[Change, ...] = ()
    flags: tuple[str, ...] = ()


Kind = Literal["person", "company", "placeholder"]

_DIGITS = re.compile(r"[\d()+./-]*\d{3}[\d()+./-]*")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_WORD = re.compile(r"[^\W\d_]+(?:['’`´-][^\W\d_]+)*\.?")
_USER_NAME = re.compile(r"[^\W\d_]{2,}(?:[._]?[^\W\d_]+)*[._]?\d*")
_USER_MARKS = re.compile(r"[._\d]+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]?){1,4}")
_BRACKETS = re.compile(r"\s*[(（「『\[\"“]([^)）」』\]\"”]+)[)）」』\]\"”]\s*")
_CJK_BREAK = re.compile(r"[\s\u3000・·=＝]+")
_PATRONYMIC = re.compile(r"(?:вич|віч|вна|чна|ьич|vich|ovych)$", re.IGNORECASE)
_PATRONYMIC_OF_A_WOMAN = re.compile(r"(?:[oei]vna|ichna)$", re.IGNORECASE)
_SLAVIC_FAMILY = re.compile(
    r"(?!яков$)\w{2,}(?:ов|ова|ёв|ёва|[^л]ев|ева|ский|ская|цкий|цкая|ський|ська|цький|цька|енко|чук|ців)$", re.IGNORECASE
)
"""Family names of Russia and Ukraine by their endings; Яков is a given name."""
_FORM_MARKS = re.compile(r"[.,&/]+")
# Abd and the name of God it belongs to are one name; a tatweel holds them together while the words are told apart
_ABD = re.compile("\u0639\u0628\u062f (?=\u0627\u0644)")
_JOINED = "\u0639\u0628\u062f\u0640"
_NATIVE_HOUSEHOLD = re.compile(r"\b(?:and|&|und|et|y|e)\b|&", re.IGNORECASE)


def kind_of(text: str, country: str | None = None) -> Kind:
    """Whether a name is a person's, a company's, or stands for nobody."""
    mended = repair(text)
    if is_placeholder_name(mended):
        return "placeholder"
    return "company" if _is_company(mended, country) else "person"


@remembered
def is_native_name(text: str) -> bool:
    """Whether Han or Hangul characters without blanks are a name by their surname: 王小明, 欧阳娜娜, 김민수."""
    if script_of(text) == "hangul":
        head = text[:2] if text[:2] in reference.words("names_ko", "compound") else text[:1]
        return len(text) == 2 + len(head) and romanise(head, "ko") in _surnames("ko")
    if script_of(text) != "han" or _is_company(text):
        return False
    if japanese.is_japanese(text, None):
        return len(text) < 6 and japanese.is_family(japanese.split(text)[0])
    compound = text[:2] in reference.table("names_zh")["compound"]
    return len(text) in ((3, 4) if compound else (2, 3)) and (compound or text[0] in _han_surnames())


def parse_name(text: str, country: str | None = None) -> Name:
    """The parts of a full name by the custom of a country; the text is taken to be a person's name."""
    mended = repair(text)
    if not mended:
        return Name()
    full, nickname, reading = mended, "", ""
    if _USER_NAME.fullmatch(mended) and (re.search(r"[._\d]", mended)):
        mended = _USER_MARKS.sub(" ", mended).strip() or mended  # jane_doe88 in the place of a name
    if match := _BRACKETS.search(mended):
        inside, outside = match.group(1).strip(), _BRACKETS.sub(" ", mended).strip()
        if outside and inside:
            mended = outside
            is_reading = script_of(outside) == "han" and script_of(inside) == "kana"
            nickname, reading = ("", inside) if is_reading else (inside, "")
    name = _east_asian(mended, country) if script_of(mended) in ("han", "hangul", "kana") else _spaced(mended, country)
    return name._replace(full=full, nickname=nickname or name.nickname, reading=reading)


def clean_name(given_as: Name, country: str | None) -> CleanedName:
    """Clean the name fields of one record together: what is wrong with one is often only seen beside the others.

    Args:
        given_as: The fields as delivered (``reading`` is not one of them).
        country: ISO 3166-1 alpha-2 whose custom applies.

    Returns:
        The cleaned name. Flags: ``placeholder``, ``company``, ``household``, ``lossy``, ``email``, ``number``, ``order_assumed``.
    """
    changes: list[Change] = []
    flags: list[str] = []
    parts = _mended(given_as, changes, flags)
    parts = _told_apart(parts, country, changes, flags)
    told = _without_forms_alone(parts, country, changes)
    if told is not parts:  # its full name was read for what its fields lack
        parts = told if told.full else told._replace(full=_composed(told, country))
    elif parts.full and not parts.given and not parts.family and not parts.company:
        parsed = parse_name(parts.full, country)
        parts = _filled(parts, parsed)
        if parts.given and parts.family and _order_is_a_guess(parts, country):
            flags.append("full_name:order_assumed")
        if _NATIVE_HOUSEHOLD.search(parts.title) or parts.title.casefold() in reference.words("names", "households"):
            flags.append("full_name:household")
    elif parts.given or parts.family:
        parts = _put_right(parts, country, changes)
        if not parts.full:
            parts = parts._replace(full=_composed(parts, country))
    if parts.suffix:
        parts = parts._replace(suffix=_generation(parts.suffix) or "")
    return CleanedName(parts, tuple(changes), tuple(dict.fromkeys(flags)))


_FIELD_OF = {
    "full": "full_name",
    "title": "title",
    "given": "given_name",
    "middle": "middle_name",
    "family": "family_name",
    "suffix": "name_suffix",
    "nickname": "nickname",
    "company": "company_name",
}


def _mended(given_as: Name, changes: list[Change], flags: list[str]) -> Name:
    """Each field by itself: text mended, placeholders, addresses and numbers emptied."""
    cleaned = {}
    for (part, field), text in zip(_FIELD_OF.items(), given_as, strict=False):  # a Name begins with the fields a source may give
        if not text:
            continue
        value = repair(text)
        problem = _problem_of(value, part)
        if problem:
            flags.append(f"{field}:{problem}")
        elif is_lossy(value):
            flags.append(f"{field}:lossy")
        cleaned[part] = "" if problem else value
        if cleaned[part] != text:
            changes.append(Change(field, problem or "text_repair", text, cleaned[part] or None))
    both = f"{cleaned.get('given', '')} {cleaned.get('family', '')}".strip()
    if both and is_placeholder_name(both):  # First Name: Walk-in, Last Name: Customer
        for part in ("given", "family"):
            if cleaned.get(part):
                changes.append(Change(_FIELD_OF[part], "placeholder", cleaned[part], None))
                flags.append(f"{_FIELD_OF[part]}:placeholder")
                cleaned[part] = ""
    return Name(**cleaned)


def _without_forms_alone(parts: Name, country: str | None, changes: list[Change]) -> Name:
    """Sir in the given name's field, Jr or Baronet in the family name's: no names; those stand in the full name, if anywhere."""
    forms = _is_form(parts.given, "given_never"), _is_form(parts.family, "family_never")
    if not any(forms):
        return parts
    given, family = ("" if form else text for form, text in zip(forms, (parts.given, parts.family), strict=True))
    read = parse_name(parts.full, country) if parts.full else Name()
    if given and fold(read.given) == fold(given) and not _is_form(read.family, "family_never"):
        family = family or read.family
    elif not given and (not family or fold(read.family) == fold(family)) and not _is_form(read.given, "given_never"):
        given, family = read.given, family or ("" if _is_form(read.family, "family_never") else read.family)
    for part, old, new in (("given", parts.given, given), ("family", parts.family, family)):
        if old != new:
            changes.append(Change(_FIELD_OF[part], "title_or_suffix", old or None, new or None))
    title = " ".join(word for word in parts.given.split() if forms[0] and not _ORDINAL.fullmatch(word.casefold()))
    suffix = (_generation(parts.family) or "") if forms[1] else ""
    return parts._replace(given=given, family=family, title=parts.title or title, suffix=parts.suffix or suffix)


def _is_form(text: str, which: str) -> bool:
    """Whether a name's field holds nothing but forms of address or what stands behind names, 1st and 2nd between them."""
    words = [word.casefold().strip(".,") for word in text.split()]
    return bool(words) and all(_ORDINAL.fullmatch(word) or word in reference.words("names", which) for word in words)


def _filled(parts: Name, parsed: Name) -> Name:
    """What the source gives, and what was parsed where it gives nothing."""
    return Name(*(given or read for given, read in zip(parts, parsed, strict=True)))


def _problem_of(value: str, part: str) -> str | None:
    """Why a text is no name, None if it may be one."""
    if not value:
        return None
    if is_placeholder_name(value):
        return "placeholder"
    if "@" in value and "." in value:
        return "email"
    return "number" if part != "company" and not any(c.isalpha() for c in value) else None


def _told_apart(parts: Name, country: str | None, changes: list[Change], flags: list[str]) -> Name:
    """A company written where a person's name belongs is moved to the company's field."""
    for part in ("full", "family", "given"):
        text = getattr(parts, part)
        alone = part == "full" or not (parts.given and parts.family)
        if text and alone and _is_company(text, country):
            flags.append(f"{_FIELD_OF[part]}:company")
            changes.extend(
                Change(_FIELD_OF[other], "company_name", getattr(parts, other), text if other == "full" else None)
                for other in ("given", "family")
                if getattr(parts, other)
            )
            if not parts.company:
                changes.append(Change("company_name", "company_name", None, text))
            return Name(full=text, company=parts.company or text)
    return parts


def _put_right(parts: Name, country: str | None, changes: list[Change]) -> Name:
    """Separate fields that hold one another's parts: a title or suffix, the whole name in one, Han names the wrong way round."""
    given, family = parts.given, parts.family
    rule = ""
    if given and not family and (_CJK_BREAK.search(given) or "," in given):
        parsed = parse_name(given, country)
        if parsed.given and parsed.family:
            parts, rule = _filled(parts._replace(given="", family=""), parsed), "whole_name_in_one_field"
    elif given and family:
        if given.casefold().endswith(" " + family.casefold()) and fold(given) != fold(family):
            parts, rule = parts._replace(given=given[: -len(family)].strip()), "family_name_repeated"
        elif _han_swapped(given, family, country):
            parts, rule = parts._replace(given=family, family=given), "swapped_fields"
    parts = _without_title(parts, country)
    for part in ("given", "family"):
        old, new = {"given": given, "family": family}[part], getattr(parts, part)
        if old != new:
            changes.append(Change(_FIELD_OF[part], rule or "title_or_suffix", old or None, new or None))
    return parts


def _without_title(parts: Name, country: str | None) -> Name:
    given, family, title, suffix = parts.given, parts.family, parts.title, parts.suffix
    if given.startswith(_honorifics(country)) and (
        honorific := next((h for h in _honorifics(country) if given.startswith(h) and len(given) > len(h)), None)
    ):
        given, title = given[len(honorific) :].strip(), title or honorific  # exports put the form of address before any name
    found, words = _leading_titles(given.split(), country)
    given, title = " ".join(words), f"{title} {found}".strip()
    words = family.replace(",", " ").split()
    if len(words) > 1 and _generation(words[-1]):
        suffix = suffix or words.pop()
        family = " ".join(words)
    return parts._replace(given=given, family=family, title=title, suffix=suffix)


@cache
def _titles(country: str | None) -> frozenset[str]:
    return frozenset(title.casefold() for title in (*reference.words("names", "titles"), *_rule(country).titles))


@cache
def _honorifics(country: str | None) -> tuple[str, ...]:
    return tuple(sorted((*reference.words("names", "glued_behind"), *_rule(country).honorifics), key=len, reverse=True))


def _rule(country: str | None) -> NameRule:
    pack = reference.country(country)
    return pack.names if pack else NameRule()


def _leading_titles(words: list[str], country: str | None) -> tuple[str, list[str]]:
    """Forms of address in front, and the words behind them."""
    titles = _titles(country)
    count = 0
    while count < len(words) - 1 and words[count].casefold().strip(".") in titles:
        count += 1
    return " ".join(words[:count]), words[count:]


def _han_swapped(given: str, family: str, country: str | None) -> bool:
    """A one-character surname in the given name's place, and a family name that is none."""
    if script_of(given) not in ("han", "hangul") or script_of(family) != script_of(given) or reference.reading(country) == "ja":
        return False
    if script_of(given) == "hangul":
        return len(given) == 1 and len(family) == 2 and family not in reference.words("names_ko", "compound")
    surnames = _han_surnames()
    return len(given) == 1 and len(family) == 2 and family not in surnames and given in surnames


@cache
def _han_surnames() -> frozenset[str]:
    table = reference.table("names_zh")
    return frozenset({*table["hong_kong"], *table["compound"], *table["surname_readings"]})


def _may_be_surname(character: str, country: str | None) -> bool:
    """Whether somebody is called so by family name, however rare it is; in Japan, where few are one character, always."""
    if script_of(character) == "hangul":
        return romanise(character, "ko") in _surnames("ko")
    known = character in reference.table("names_zh")["surname_characters"] or character in _han_surnames()
    return known or script_of(character) != "han" or japanese.is_japanese(character, country)


def _composed(parts: Name, country: str | None) -> str:
    """The full name as the country writes it, from its parts."""
    family_given = [part for part in (parts.family, parts.given) if part]
    script = script_of("".join(family_given))
    if script in ("han", "hangul", "kana"):
        return (" " if reference.reading(country) == "ja" or script == "kana" else "").join(family_given)
    if _rule(country).order == "family_first":
        return " ".join(part for part in (parts.family, parts.middle, parts.given) if part)
    return " ".join(part for part in (parts.given, parts.middle, parts.family, parts.suffix) if part)


def _order_is_a_guess(parts: Name, country: str | None) -> bool:
    if _rule(country).order != "either" or script_of(parts.full) != "latin" or "," in parts.full:
        return False
    surnames = _surnames(reference.reading(country))
    return (fold(parts.family) in surnames) == (fold(parts.given) in surnames)


def _generation(text: str) -> str | None:
    generations: dict[str, str] = reference.table("names")["generations"]
    return generations.get(text.casefold().strip(".,"))


# --- East Asian scripts: family first, often without a blank ---


def _east_asian(text: str, country: str | None) -> Name:
    text, honorific = _without_honorific(text, country)
    words = [word for word in _CJK_BREAK.split(text) if word]
    if len(words) > 1:
        if "・" in text and script_of(text) == "kana":  # foreigners in katakana keep their own order
            return Name(given=words[0], middle=" ".join(words[1:-1]), family=words[-1], suffix=honorific)
        return Name(
            family=words[0], given="".join(words[1:]) if script_of(text) != "kana" else " ".join(words[1:]), suffix=honorific
        )
    family, given = _split_unspaced(words[0] if words else text, country)
    if honorific and not _is_whole(family, given, country):
        family, given = family + given, ""
    return Name(family=family, given=given, suffix=honorific)


def _without_honorific(text: str, country: str | None) -> tuple[str, str]:
    for honorific in _honorifics(country):
        head = text[: -len(honorific)]
        if text.endswith(honorific) and (len(head) > 1 or head in _han_surnames()):
            return text[: -len(honorific)].strip(), honorific
    return text, ""


def _is_whole(family: str, given: str, country: str | None) -> bool:
    """Before an honorific often stands the family name alone: 田中さん."""
    is_family = reference.reading(country) == "ja" and japanese.is_family(family + given)
    return bool(given) and not is_family and len(family + given) > 2


def _split_unspaced(text: str, country: str | None) -> tuple[str, str]:
    if script_of(text) == "kana":
        known_families = _surnames("ja")
        at = next((n for n in range(len(text) - 1, 1, -1) if romanise(text[:n]) in known_families), 0)
        return (text[:at], text[at:]) if at else (text, "")
    if len(text) < 3 and not _may_be_surname(text[:1], country):
        return "", text
    if script_of(text) == "han" and len(text) > 1 and japanese.is_japanese(text, country):
        return japanese.split(text)
    hangul = script_of(text) == "hangul"
    compound = reference.words("names_ko", "compound") if hangul else reference.table("names_zh")["compound"]
    at = 2 if text[:2] in compound and len(text) > 2 else 1
    return (text[:at], text[at:]) if len(text) <= 4 else (text, "")


# --- scripts with blanks ---


def _spaced(text: str, country: str | None) -> Name:
    glued, text = _without_glued_title(text)
    text = _ABD.sub(_JOINED, text)
    rule = _rule(country)
    order = rule.order
    title, words, suffix = _between(text, country)
    if words[0].casefold() in reference.words("names", "households") and len(words) > 1:  # Familie Becker
        return Name(title=words[0], family=" ".join(words[1:]))
    text = " ".join(words)
    if len(words) == 1:
        name = _single(text, rule.romanise)
    elif text.count(",") == 1 and not _generation(text.partition(",")[2].strip()):
        name = _comma_order(text, country)
    elif order == "given_first" and (_ends_in_patronymic(words, country) or _is_slavic_family_first(words)):
        name = Name(family=words[0], given=words[1], middle=" ".join(words[2:]))  # Петров Иван Сергеевич, Петров И. С.
    elif order == "either":
        name = _either_order(words, country, rule.romanise)
    elif cut := _capitals_in_front(words, order):
        name = Name(given=" ".join(words[cut:]), family=" ".join(words[:cut]))
    elif count := _given_words(words, country):
        name = Name(given=" ".join(words[:count]), family=" ".join(words[count:]))
    elif rule.given_last and _known_words(words, country):  # Van is a Vietnamese middle name, no particle
        name = Name(family=words[0], middle=" ".join(words[1:-1]), given=words[-1])
    elif len(words) == 2 and _plain(words, country):
        name = Name(given=words[0], family=words[1]) if order == "given_first" else Name(given=words[1], family=words[0])
    else:
        name = _parsed(_parser(order, rule.families == "two", rule.given_last).parse(text))
        name = _middle_by_custom(name, country)
    name = Name(*(part.replace(_JOINED, "\u0639\u0628\u062f ") for part in name)) if _JOINED in text else name
    return name._replace(suffix=suffix or name.suffix, title=f"{glued} {title} {name.title}".strip())


def _between(text: str, country: str | None) -> tuple[str, list[str], str]:
    """The words between the titles in front and the generation behind, as the country writes them, with both."""
    words = [word for word in text.split() if not _DIGITS.fullmatch(word)] or [text]  # a number that slipped into the name
    title = ""
    words, suffix = _without_degrees(words)
    if len(words) > 2 and len(without := _leading_titles(words, country)[1]) > 1 and not _NATIVE_HOUSEHOLD.fullmatch(without[0]):
        title, words = " ".join(words[: -len(without)]), without
    if len(words) > 2 and words[-1].casefold().strip(".") in _rule(country).generations:
        suffix, words = words[-1], words[:-1]
    return title, words, suffix


def _without_degrees(words: list[str]) -> tuple[list[str], str]:
    """A name of several words without the degrees behind its comma, and these: ``Jane Doe, PhD``."""
    head, comma, tail = (part.strip() for part in " ".join(words).partition(","))
    degrees = [word.replace(".", "").casefold() for word in re.split(r"[,\s]+", tail) if word]
    degrees = [word for word in degrees if not _ORDINAL.fullmatch(word)]  # 1st Baronet
    if comma and " " in head and degrees and reference.words("names", "post_nominals").issuperset(degrees):
        return head.split(), tail
    return words, ""


def _given_words(words: list[str], country: str | None) -> int:
    """How many words in front are one given name: of a devotion, or two that go together before the only family name."""
    devotion = _DEVOTION.match(fold(" ".join(words)))
    if devotion:
        return len(devotion[0].split())
    # José Luis García has one of his two family names left out
    return 2 if len(words) == 3 and _rule(country).families == "two" and _is_together(words[0], words[1], country) else 0


def _is_slavic_family_first(words: list[str]) -> bool:
    """Whether of two words the first alone ends as family names do: Соколов Дмитрий."""
    return len(words) == 2 and bool(_SLAVIC_FAMILY.search(words[0])) and not _SLAVIC_FAMILY.search(words[1])


def _single(word: str, language: str) -> Name:
    """One word: a family name when written in capitals or known as one, else what the person is called by."""
    is_family = (word.isupper() and len(word) > 2) or fold(word) in _surnames(language)
    return Name(family=word) if is_family else Name(given=word)


_DEVOTION = re.compile(
    r"(?:maria|ma|jose|juan|jesus) (?:de la|de los|de las|de|del|da|das|do|dos) (?:angeles|carmen|pilar|luz|paz|mar|rosario"
    r"|concepcion|conceicao|mercedes|jesus|fatima|gracas|gracia|lourdes|dios|dolores|socorro|refugio|consuelo|remedios?|esperanza"
    r"|soledad|encarnacion|asuncion|ascension|nieves|rocio|valle|milagros|guadalupe|penha|gloria|aparecida|cielo|carmo|ceu|sol"
    r") (?=\w)"
)
"""Given names of a devotion: Maria de los Angeles, Maria do Carmo, Juan de Dios."""


def _capitals_in_front(words: list[str], order: str) -> int:
    """How many words in front are a family name by their capitals: DUPONT Jean."""
    if order == "family_first":
        return 0
    capitals = next((i for i, word in enumerate(words) if not word.isupper()), 0)
    behind = all(not word.isupper() or len(word) == 1 for word in words[capitals:])
    return capitals if behind and any(len(word) > 2 and "." not in word for word in words[:capitals]) else 0


def _known_words(words: list[str], country: str | None) -> bool:
    """Nothing but the words of a name: no title, suffix or mark."""
    return all(_WORD.fullmatch(w) and w.casefold().strip(".") not in _titles(country) and not _generation(w) for w in words)


def _plain(words: list[str], country: str | None) -> bool:
    loaded = _titles(country) | reference.words("names", "particles")
    return all(_WORD.fullmatch(w) and w.casefold().strip(".") not in loaded and not _generation(w) for w in words)


def _comma_order(text: str, country: str | None) -> Name:
    """Family, Given Middle: what stands behind the comma is never taken for a suffix when it is initials."""
    family, _, rest = (part.strip() for part in text.partition(","))
    title, words = _leading_titles(rest.split(), country)
    suffix = words.pop() if len(words) > 1 and _generation(words[-1]) else ""
    heads = family.split()
    while len(words) > 1 and words[-1].casefold() in reference.words("names", "particles"):  # Berg, Jan van den
        heads.insert(0, words.pop())
    rest = " ".join(words)
    if not suffix and len(heads) > 1 and _generation(heads[-1]):
        suffix = heads.pop()
    if not heads or not words:
        return Name(given=rest, family=family)
    rule = _rule(country)
    if rule.called_behind and len(heads) > 1:  # CHAN Tai Man, Peter: the English name stands behind
        return Name(family=heads[0], given=" ".join(heads[1:]), nickname=" ".join(words), title=title, suffix=suffix)
    if (_INITIALS.fullmatch(rest) and len(words) == 1) or rule.middle == "given" or rule.families == "two":
        cut = (
            len(words) - 1
            if len(words) > 1 and rule.middle == "given" and (_INITIALS.fullmatch(words[-1]) or _is_mothers(words[-1], rule))
            else len(words)
        )
    else:
        cut = 2 if len(words) > 1 and _is_together(words[0], words[1], country) else 1
    return Name(title=title, given=" ".join(words[:cut]), middle=" ".join(words[cut:]), family=" ".join(heads), suffix=suffix)


def _either_order(words: list[str], country: str | None, language: str) -> Name:
    """Romanised East Asian names come in both orders: a known surname, or the word in capitals, tells."""
    surnames = _surnames(language)
    title, words = _leading_titles(words, country)
    if len(words) < 2:
        return Name(title=title, family=" ".join(words))
    capitals = [w for w in words if w.isupper() and len(w) > 1]
    if len(capitals) == 1 and capitals[0] in (words[0], words[-1]):
        first_is_family = capitals[0] == words[0]
    else:
        known_first, known_last = fold(words[0]) in surnames, fold(words[-1]) in surnames
        # Japanese turn their names round for foreigners, Chinese and Koreans mostly keep the family name in front
        first_is_family = known_first if known_first != known_last else language != "ja" and (known_first or len(words) == 3)
    if first_is_family:
        return Name(title=title, family=words[0], given=" ".join(words[1:]))
    return Name(title=title, family=words[-1], given=" ".join(words[:-1]))


def _ends_in_patronymic(words: list[str], country: str | None) -> bool:
    """Whether a name is written family name first, as only East Slavic ones with a patronymic or its initial behind are.

    A man's patronymic in Latin letters is elsewhere a family name: John Michael Goldovich.
    """
    if script_of(words[0]) == "cyrillic" and len(words[0]) > 2 and all(_INITIALS.fullmatch(word) for word in words[1:]):
        return True
    slavic = script_of(words[-1]) == "cyrillic" or reference.reading(country) in ("ru", "uk", "be")
    return len(words) > 2 and bool(_PATRONYMIC_OF_A_WOMAN.search(words[-1]) or (slavic and _PATRONYMIC.search(words[-1])))


@cache
def _surnames(language: str) -> frozenset[str]:
    zh = reference.table("names_zh")
    if language == "ko":
        table = reference.table("names_ko")["surnames"]
        return frozenset({*table, *(str(other) for others in table.values() for other in others)})
    if language == "ja":
        return frozenset(reference.table("names_ja")["family"].values())
    if language == "zh-HK":
        return frozenset({*zh["hong_kong"].values(), *zh["surnames"]})
    if language == "zh-TW":
        return frozenset({*zh["taiwan"], *zh["surnames"]})
    return frozenset({*zh["surnames"], *zh["compound"].values()}) if language == "zh" else frozenset()


@cache
def _parser(order: str, two_families: bool, given_last: bool) -> Parser:
    if order == "family_first":
        return Parser(policy=Policy(name_order=FAMILY_FIRST_GIVEN_LAST if given_last else FAMILY_FIRST))
    return Parser(policy=Policy(two_family_names=two_families))


def _parsed(parsed: ParsedName) -> Name:
    return Name(
        title=parsed.title,
        given=parsed.given,
        middle=parsed.middle,
        family=parsed.family,
        suffix=parsed.suffix,
        nickname=parsed.nickname,
    )


def _given_together(language: str) -> dict[str, list[str]]:
    table: dict[str, dict[str, list[str]]] = reference.table("names")["given_together"]
    return table.get(language, {})


def _is_together(first: str, second: str, country: str | None) -> bool:
    """Whether two given names are one in a country's languages: Anna Maria, José Luis."""
    pack = reference.country(country)
    return any(fold(second) in _given_together(language).get(fold(first), ()) for language in (pack.languages if pack else ()))


def _middle_by_custom(name: Name, country: str | None) -> Name:
    """Words between: a second given name in Spain and Brazil; in the Philippines that too, unless it is the mother's surname."""
    if name.title == "Ma." and name.given:  # Maria, not a title
        name = name._replace(title="", given=f"{name.title} {name.given}")
    if not name.middle:
        return name
    rule = _rule(country)
    if rule.families == "two":
        return name._replace(given=f"{name.given} {name.middle}".strip(), middle="")
    first, _, rest = name.middle.partition(" ")
    if _is_together(name.given, first, country):
        return name._replace(given=f"{name.given} {first}", middle=rest)
    if rule.middle != "given":
        return name
    words = name.middle.split()
    cut = next(
        (i for i in range(len(words)) if _is_mothers(" ".join(words[i:]), rule) or _INITIALS.fullmatch(" ".join(words[i:]))),
        len(words),
    )
    return name._replace(given=" ".join([name.given, *words[:cut]]), middle=" ".join(words[cut:]))


def _is_mothers(text: str, rule: NameRule) -> bool:
    return fold(text) in rule.mothers


def _without_glued_title(text: str) -> tuple[str, str]:
    """A form of address written to the name in front, and the name."""
    for title in sorted(reference.words("names", "glued_before"), key=len, reverse=True):
        if text.startswith(title) and len(text) > len(title) + 1:
            return title, text[len(title) :].strip()
    return "", text


# --- companies ---


@remembered
def _is_company(text: str, country: str | None = None) -> bool:
    if _native_form().search(text):
        return True
    if script_of(text) in ("han", "hangul", "kana") and text.endswith(tuple(reference.words("companies", "endings"))):
        return True
    if len(text) > 2 and text.endswith("屋") and japanese.is_family(text[:-1]) and not japanese.is_family(text):  # 中村屋
        return True
    written = _FORM_MARKS.sub(" ", _DOTS.sub(r"\1", text)).split()
    words = fold(" ".join(written)).split()
    if len(words) < 2:
        return False
    return (
        _has_form_behind(text, written, words, country)
        or _has_form_in_front(words, country)
        or _ENDING_IN_PARTNERS.search(text) is not None
        or _is_of_two_founders(text)
        or (not reference.words("companies", "words").isdisjoint(words) and not _is_family_too(words))
        or not {word.casefold() for word in written}.isdisjoint(reference.words("companies", "native_words"))
        or _phrase().search(" ".join(words)) is not None
    )


def _is_family_too(words: list[str]) -> bool:
    """A given name and a trade that is also a family name."""
    return len(words) == 2 and words[1] in reference.words("companies", "families_too") and _is_given(words[0])


_TWO_FOUNDERS = re.compile(r"([^\W\d_]{2,}) ?& ?([^\W\d_]{2,})")


def _is_of_two_founders(text: str) -> bool:
    """Two family names and nothing else: Marks & Spencer. John & Mary are a couple."""
    match = _TWO_FOUNDERS.fullmatch(text)
    return match is not None and not any(_is_given(word) for word in match.groups())


def _is_given(word: str) -> bool:
    """Whether a word is a usual given name: one that has short forms in English, or goes together with another."""
    folded = fold(word)
    tables: dict[str, dict[str, list[str]]] = reference.table("names")["given_together"]
    if any(folded in firsts or any(folded in seconds for seconds in firsts.values()) for firsts in tables.values()):
        return True
    return bool(_short_forms().nicknames_of(folded) or _short_forms().canonicals_of(folded))


@cache
def _short_forms() -> NickNamer:
    return NickNamer()


@cache
def _native_form() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(reference.words("companies", "native")))))


@cache
def _phrase() -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, sorted(reference.words('companies', 'phrases'))))})(?!\S)")


_DOTS = re.compile(r"(?<=\b\w)\.(?=\w\b)|(?<=\.\w)(\.)|(?<=\b\w)\.\s(?=\w\.)")
_ENDING_IN_PARTNERS = re.compile(
    r"\s(?:&|\+|und|and|et|y|e|i|og|och|en)\s(?:co|cie|cia|comp|compagnie|partner|partners|partenaires|socios|associates|asociados|"
    r"associés|söhne|soehne|sohn|sons|son|hijos|fils|figli|filhos|zonen|synowie|daughters|töchter|bros|brothers)\.?$",
    re.IGNORECASE,
)


def _has_form_behind(text: str, written: list[str], words: list[str], country: str | None) -> bool:
    """A legal form as the last words: one short enough to be a name only in capitals, with dots, or in its own country."""
    pack = reference.country(country)
    own = pack.companies.last if pack else ()
    for size in range(min(5, len(words) - 1), 0, -1):
        form = " ".join(words[-size:])
        if form in reference.words("companies", "last") or (size == 1 and form in own):
            at_home = form in own and written[-1].isascii()  # Ana Sá is no S.A.
            might_be_a_name = size == 1 and form in reference.words("companies", "short") and not at_home
            return not might_be_a_name or written[-1].isupper() or "." in text.rsplit(maxsplit=1)[-1][:-1]
    return False


def _has_form_in_front(words: list[str], country: str | None) -> bool:
    pack = reference.country(country)
    own = pack.companies.first if pack else ()
    forms = {" ".join(words[:size]) for size in range(1, min(4, len(words)))}
    return not (reference.words("companies", "first").isdisjoint(forms) and forms.isdisjoint(own))
