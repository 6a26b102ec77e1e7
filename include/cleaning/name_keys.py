"""Keys of names for comparison: romanised as the person's passport would, folded to lower-case ASCII words.

王小明 and Wang Xiaoming, Γιώργος and Giorgos, 김민수 and Kim Min-su meet in one key. Han characters are read with a table of
surname readings; two different Han names can share a key, so a comparison must look at the names themselves first.
"""

import re
import unicodedata
from functools import cache

from pypinyin import Style, lazy_pinyin

from include.cleaning import arabic, indic, japanese, reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered
from include.cleaning.scripts import script_of
from include.cleaning.text import LONGEST_LINE

_SEPARATORS = re.compile(r"[\s\-.·・‧,]+")


@remembered
def given_key(name: str, country: str | None) -> str:
    """Key of a given name; the syllables of East Asian given names are joined, whatever blank or hyphen parts them."""
    name = name[:LONGEST_LINE]
    language = _language(name, country)
    key = _read(name, language, "given")
    if language != "zh-TW" or "i" not in key.split():  # in Taiwan a syllable of its own
        key = _without_initials(key)
    if language in ("zh", "zh-TW", "zh-HK", "ko"):
        key = _taiwan_given(key) if language == "zh-TW" and script_of(name) == "latin" else key
        key = _korean_given(key) if language == "ko" else key.replace(" ", "")
    return _local_spelling(key, language, country)


@remembered
def family_key(name: str, country: str | None) -> str:
    """Key of a family name: the usual spelling where a surname has several (Kim for Gim, Zhang for Chang in Taiwan)."""
    name = name[:LONGEST_LINE]
    language = _language(name, country)
    if language == "ko":
        key = romanise(name, language).replace(" ", "")
        return _korean_surnames().get(key, key)
    if script_of(name) == "han" and language in ("zh", "zh-TW", "zh-HK"):
        return _han_surname(_SEPARATORS.sub("", name), language)
    key = _read(name, language, "family")
    if language == "zh-TW":
        key = reference.table("names_zh")["taiwan"].get(key, key)
    elif language == "zh-HK":
        key = _hong_kong_of_pinyin().get(key, key)
    return _local_spelling(_particles(key), language, country)


@remembered
def romanised(text: str, country: str | None) -> str:
    """A whole name in Latin letters: Han characters by surname and given name, any other script by its own table."""
    from include.cleaning.names import parse_name  # names are parsed with these keys' tables in turn

    text = text[:LONGEST_LINE]
    if script_of(text) == "han":
        name = parse_name(text, country)
        parts = [family_key(name.family, country), given_key(name.reading or name.given, country)]
        return " ".join(part for part in parts if part)
    if script_of(text) == "arabic":
        return arabic.spoken(text)
    latin = romanise(text, _language(text, country))
    # keys leave the last letter of the ending out, people write it
    return _SKY.sub("y", latin) if _SKIY.search(text) else latin


_SKIY = re.compile(r"[сц]кий\b", re.IGNORECASE)
_SKY = re.compile(r"(?<=sk)i\b")


@remembered
def romanise(text: str, language: str | None = None) -> str:  # noqa: PLR0911 - one line a script
    """Latin letters of a text by its script and language, folded."""
    script = script_of(text)
    if script == "hangul":
        return _SEPARATORS.sub(" ", fold(_hangul(text)))
    if script == "han":
        return _han_given(text, language)
    if script == "kana":
        return japanese.one_spelling(fold(japanese.latin_of(text)))
    if script == "cyrillic":
        return fold(_cyrillic(text, _cyrillic_language(text, language)))
    if script == "greek":
        return fold(_greek(text))
    if script == "arabic":
        return arabic.letters(text)
    if script == "thai":
        return " ".join(_thai(word) for word in _SEPARATORS.split(text) if word)
    if script == "hebrew":
        return _hebrew(text)
    return fold(indic.latin_of(text) if indic.is_indic(text) else text)


def _hebrew(text: str) -> str:
    """Names everybody spells alike by table, of any other the letters: vowels are not written."""
    data = reference.table("names_he")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return fold(" ".join(data["names"].get(word) or "".join(data["letters"].get(c, c) for c in word) for word in bare.split()))


def _read(name: str, language: str, part: str) -> str:
    """Latin letters of a name where its script needs to know that it is one."""
    script = script_of(name)
    if script == "arabic":
        return arabic.native_key(name)
    return japanese.reading_of(name, part) if language == "ja" and script == "han" else romanise(name, language)


def _without_initials(key: str) -> str:
    """Nina J. is Nina; digits behind a name come from a user name."""
    words = [word for word in (re.sub(r"\d+", "", word) for word in key.split()) if word]
    full = [word for word in words if len(word) > 1]
    return " ".join(full or words)


def _language(name: str, country: str | None) -> str:
    """The language whose readings apply: the script's own where it has one, else the country's."""
    script = script_of(name)
    if script == "arabic":
        return ""  # its key is whole: nothing of it is spelled in two ways
    if script == "hangul":
        return "ko"
    if script == "kana":
        return "ja"
    language = reference.reading(country)
    if script == "han" and language not in ("ja", "zh", "zh-TW", "zh-HK"):
        return "ja" if japanese.is_japanese(name, country) else "zh"
    return language


def _local_spelling(key: str, language: str, country: str | None) -> str:  # noqa: PLR0911 - one line a language
    """One spelling where a language has several in the Latin script."""
    if language == "ja":
        return japanese.one_spelling(key)
    if language == "ar":
        return arabic.latin_key(key)
    if language == "th":
        return _thai_spelling(key)
    if language == "el":
        return key.replace("gk", "g").replace("ch", "h")  # Vlachos and Vlahos
    if language == "hi":
        return key.replace("aa", "a").replace("ee", "i").replace("oo", "u")
    if language in ("ru", "uk"):
        return re.sub(r"(?:iy|ij|yy|yi|ii|y)\b", "i", key).replace("ks", "x")
    pack = reference.country(country)
    rule = pack.names if pack else reference.NameRule()
    if "ae" in rule.digraphs:
        # Mueller is Müller; but Samuel, Michael and Zoe keep their vowels
        key = re.sub(r"(?<![aeiouq])(ae|oe|ue)(?!l(?:[aeiou]|\b)|\b|[aeiou])", lambda match: match[1][0], key)
    if "aa" in rule.digraphs:
        key = key.replace("aa", "a")
    return " ".join(rule.short.get(word, word) for word in key.split()) if rule.short else key


def _han_given(text: str, language: str | None) -> str:
    if language == "zh-HK":
        sounds: dict[str, str] = reference.table("names_zh")["hong_kong_given"]
        characters = _SEPARATORS.sub("", text)
        if all(c in sounds for c in characters):
            return "".join(sounds[c] for c in characters)
    return fold("".join(lazy_pinyin(_SEPARATORS.sub("", text), style=Style.NORMAL, v_to_u=False)))


def _han_surname(text: str, language: str) -> str:
    data = reference.table("names_zh")
    if language == "zh-HK" and text in data["hong_kong"]:
        return str(data["hong_kong"][text])
    if text in data["compound"]:
        return str(data["compound"][text])
    if text in data["surname_readings"]:
        return str(data["surname_readings"][text])
    return fold("".join(lazy_pinyin(text, style=Style.NORMAL)))


_PARTICLES = re.compile(r"\b(de|van|von) (la|los|las|de[nr])\b")


def _particles(key: str) -> str:
    """De la Cruz, dela Cruz and Delacruz are one: the particles in one word, the name they lead to in another."""
    key = _PARTICLES.sub(r"\1\2", key)
    return " ".join(_in_one_word().get(word, word) for word in key.split())


@cache
def _in_one_word() -> dict[str, str]:
    table: dict[str, list[str]] = reference.table("names")["behind_article"]
    return {particles + rest: f"{particles} {rest}" for particles, behind in table.items() for rest in behind}


@cache
def _hong_kong_of_pinyin() -> dict[str, str]:
    """Hong Kong spelling of each surname in pinyin, where the pinyin stands for one spelling only."""
    spellings: dict[str, set[str]] = {}
    for character, spelling in reference.table("names_zh")["hong_kong"].items():
        spellings.setdefault(_han_surname(character, "zh"), set()).add(spelling)
    known = set(reference.table("names_zh")["hong_kong"].values())
    return {pinyin: min(found) for pinyin, found in spellings.items() if len(found) == 1 and pinyin not in known}


def _taiwan_given(key: str) -> str:
    """Pinyin of a given name in Latin letters: Wade-Giles where one of its syllables can be nothing else."""
    data = reference.table("names_zh")
    own: dict[str, str] = data["wade_giles"]
    words = key.split()
    if not any(word in own for word in words):
        return "".join(words)
    table: dict[str, str] = {**data["wade_giles_shared"], **own}
    return "".join(table.get(word, word) for word in words)


def _hangul(text: str) -> str:
    """Revised Romanisation syllable by syllable, as its rules ask for names (National Institute of Korean Language, 2000)."""
    data = reference.table("romanisation")
    initials, vowels, finals = (data[f"hangul_{part}"] for part in ("initials", "vowels", "finals"))
    out = []
    for c in text:
        index = ord(c) - 0xAC00
        inside = 0 <= index < 11172
        out.append(initials[index // 588] + vowels[index % 588 // 28] + finals[index % 28] if inside else c)
    return "".join(out)


@cache
def _korean_surnames() -> dict[str, str]:
    spellings: dict[str, str] = {}
    for usual, others in reference.table("names_ko")["surnames"].items():
        for other in others:
            spellings.setdefault(str(other), str(usual))
    usual_ones = {str(usual): str(usual) for usual in reference.table("names_ko")["surnames"]}
    return {**spellings, **usual_ones}


@cache
def _korean_syllables() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {str(k): str(v) for k, v in reference.table("names_ko")["syllables"].items()}
    table.update({v: v for v in table.values() if v not in table})
    return re.compile("|".join(sorted(table, key=len, reverse=True))), table


def _korean_given(key: str) -> str:
    """Latin spellings of a Korean given name brought to Revised Romanisation; the romanised Hangul passes unchanged."""
    pattern, table = _korean_syllables()
    return "".join(pattern.sub(lambda match: table[match[0]], word) for word in key.split())


def _cyrillic_language(text: str, language: str | None) -> str:
    """The language told, else the one whose own letters a text has."""
    letters = set(text.lower())
    if language in ("bg", "be"):
        return language
    if language == "sr" or letters & set("ђћџљњјѓќѕ"):
        return "sr"
    if letters & {"ў"}:
        return "be"
    return "uk" if language == "uk" or letters & set("іїєґ") else "ru"


def _cyrillic(text: str, language: str) -> str:
    """Russian as in passports and the press, Ukrainian by the Cabinet's table of 2010 (word-initial letters, зг as zgh)."""
    data = reference.table("romanisation")
    if language in ("bg", "sr", "be"):
        table = {**data["russian"], **data[{"bg": "bulgarian", "sr": "serbian", "be": "belarusian"}[language]]}
        return "".join(table.get(c, c) for c in (re.sub(r"ия\b", "иа", text.lower()) if language == "bg" else text.lower()))
    words = []
    for word in text.lower().replace("’", "").replace("'", "").split():
        if language == "uk":
            head = data["ukrainian_first"].get(word[0])
            rest = (word[1:] if head else word).replace("зг", "zgh")
            words.append((head or "") + "".join(data["ukrainian"].get(c, c) for c in rest))
        else:
            words.append("".join(data["russian"].get(c, c) for c in re.sub(r"(?<=[иы])й$", "", word)))
    return " ".join(words)


_GREEK_PAIRS = (("ου", "ou"), ("γγ", "ng"), ("γξ", "nx"), ("γχ", "nch"), ("ντ", "nt"), ("τσ", "ts"), ("τζ", "tz"))


def _greek(text: str) -> str:
    """ELOT 743, as in passports: αυ, ευ, ηυ sound v before a vowel or voiced letter, else f; μπ is b at the start of a word."""
    letters: dict[str, str] = reference.table("romanisation")["greek"]
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c) or c == "\u0308")
    plain = unicodedata.normalize("NFC", plain)
    plain = re.sub(r"\bμπ", "b", plain).replace("μπ", "mp")
    plain = re.sub(r"([αεη])υ(?=[αεηιουωβγδζλμνρ])", lambda m: letters[m[1]] + "v", plain)
    plain = re.sub(r"([αεη])υ", lambda m: letters[m[1]] + "f", plain)
    for pair, sound in _GREEK_PAIRS:
        plain = plain.replace(pair, sound)
    plain = plain.replace("ϊ", "i").replace("ϋ", "y")
    return "".join(letters.get(c, c) for c in plain)


def _thai(word: str) -> str:
    """A Thai name by its parts: most are made of some hundred elements, read from the longest."""
    table = reference.table("names_th")
    if word in table["names"]:
        return str(table["names"][word])
    elements: dict[str, str] = table["elements"]
    out, i = [], 0
    while i < len(word):
        element = next((word[i : i + n] for n in range(min(9, len(word) - i), 1, -1) if word[i : i + n] in elements), None)
        out.append(elements[element] if element else fold(word[i]))
        i += len(element or word[i])
    return "".join(out)


def _thai_spelling(key: str) -> str:
    """Thai spellings in Latin letters differ by breath and length marks; the key leaves both out."""
    for pattern, replacement in (
        (r"(?<=[ptk])h", ""),
        (r"ee", "i"),
        (r"oo", "u"),
        (r"aa", "a"),
        (r"orn\b", "on"),
        (r"r(?=[bcdfgkmnpstvw]|\b)", ""),
        (r"v", "w"),
        (r"bh", "p"),
    ):
        key = re.sub(pattern, replacement, key)
    return key
