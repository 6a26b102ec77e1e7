"""How one person stands in one record: which name, mailbox, number and address, in which script and with which slips.

The channels ask for a part; what they get is what somebody typed, not what is true. Every chance is one of rates.yml.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sample import mess
from sample.country import Spelling
from sample.dice import Dice
from sample.people import Address, Person

Script = Literal["native", "kana", "roman"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as typed into a form with two fields, and into one with a single field."""

    given: str
    family: str
    full: str


@dataclass(frozen=True, slots=True)
class Place:
    """An address as typed."""

    line1: str
    line2: str
    city: str
    province: str
    province_code: str
    postcode: str
    country: str


class Dresser:
    """Dresses one person for one record on one day."""

    def __init__(self, person: Person, dice: Dice, at: date, suffix_written: float, abroad: bool = False) -> None:
        """Prepare to dress.

        Args:
            person: Who.
            dice: The record's chances.
            at: The day of writing.
            suffix_written: How often a Jr or Sr is written.
            abroad: Whether it is written down in another country, where nobody writes a number without its country's code.
        """
        self.person, self.dice, self.at = person, dice, at
        self._suffix_written, self._abroad = suffix_written, abroad
        self._pack = person.country.pack
        self.script = self._choose_script()

    def _choose_script(self) -> Script:
        if self._pack.native_script:
            if self.dice.hit("romanised"):
                return "roman"
            return "kana" if self.person.given.kana and self.dice.hit("kana") else "native"
        accents = not (self.person.given.native + self.person.family(self.at).native).isascii()
        return "roman" if accents and self.dice.hit("ascii_folded") else "native"

    # --- names ---

    def name(self) -> Name:
        """The name, with whatever happens to it."""
        dice = self.dice
        if dice.hit("placeholder_name"):
            given, family = dice.rng.choice(mess.PLACEHOLDER_NAMES)
            return Name(given, family, f"{given} {family}".strip())
        given, family = self._given(), self._family()
        given, family = self._slips(given, family)
        if dice.hit("family_missing"):
            family = ""
        given, family = self._order(given, family)
        return Name(given, family, self._full(given, family))

    def _given(self) -> str:
        person, dice = self.person, self.dice
        if person.nickname is not None and dice.hit("nickname"):
            return self._written(person.nickname)
        given = self._written(person.given)
        if dice.hit("initial_only") and given.isascii():
            given = f"{given[0]}."
        between = person.middle is not None and self._pack.family_custom != "double_father_first"
        if person.middle is not None and between and dice.hit("middle_written"):
            middle = self._written(person.middle)
            initial = self._pack.middle in ("given", "mother") and self.script != "kana" and dice.chance(0.55)
            given = f"{given} {middle[0]}." if initial else f"{given} {middle}"
        return given

    def _family(self) -> str:
        person, dice = self.person, self.dice
        family = self._written(person.family(self.at))
        if person.middle is not None and self._pack.family_custom == "double_father_first" and dice.hit("middle_written"):
            family = f"{family} {self._written(person.middle)}"
        if person.suffix and dice.chance(self._suffix_written):
            family = f"{family}{', ' if dice.chance(0.3) else ' '}{person.suffix}"
        return family

    def _written(self, name: Spelling) -> str:
        if self.script == "kana":
            return name.kana or name.native
        if self.script == "roman":
            spelled = name.romans[min(self.person.passport, len(name.romans) - 1)]
            if len(name.romans) > 1 and self.dice.hit("respelled"):
                spelled = self.dice.rng.choice([roman for roman in name.romans if roman != spelled])
            return spelled
        if name.others and self.dice.hit("respelled"):
            return self.dice.rng.choice(name.others)
        return name.native

    def _slips(self, given: str, family: str) -> tuple[str, str]:
        dice, rng = self.dice, self.dice.rng
        slips: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("name_typo", lambda text: mess.typo(rng, text)),
            ("ocr_slip", lambda text: mess.ocr_slip(rng, text)),
            ("whitespace", lambda text: mess.whitespace(rng, text)),
            ("invisible", lambda text: mess.invisible(rng, text)),
        )
        for kind, slip in slips:
            if dice.hit(kind):
                if rng.random() < 0.5:
                    given = slip(given)
                else:
                    family = slip(family)
        if (given + family).isascii() and dice.hit("name_case"):
            upper = rng.random() < 0.6
            given, family = (given.upper(), family.upper()) if upper else (given.lower(), family.lower())
        if dice.hit("title"):
            given = self._titled(given)
        if not (given + family).isascii() and dice.hit("mojibake"):
            given, family = mess.mojibake(given), mess.mojibake(family)
        return given, family

    def _titled(self, given: str) -> str:
        title = self.dice.rng.choice(getattr(self._pack.titles, self.person.sex))
        if self._pack.order == "family_first" and self.script != "roman":
            return f"{given}{title}"
        if self.script == "roman" and not title.isascii():
            title = "Ms." if self.person.sex == "female" else "Mr."
        return f"{title} {given}"

    def _order(self, given: str, family: str) -> tuple[str, str]:
        eastern = self._pack.order == "family_first"
        return (family, given) if self.dice.hit("swapped_eastern" if eastern else "swapped_names") else (given, family)

    def _full(self, given: str, family: str) -> str:
        if self._pack.order == "family_first" and self.script != "roman":
            return f"{family}{' ' if self.dice.chance(0.35) else ''}{given}".strip()
        return f"{given} {family}".strip()

    # --- reach ---

    def email(self, company: bool = False) -> str:
        """A mailbox as typed; empty if none is given."""
        person, dice, rng = self.person, self.dice, self.dice.rng
        if company and person.company is not None and dice.hit("role_mailbox"):
            return person.company.mailbox
        if dice.hit("email_missing"):
            return ""
        if dice.hit("placeholder_email"):
            return rng.choice(mess.PLACEHOLDER_EMAILS)
        if dice.hit("disposable_email"):
            return mess.disposable(rng)
        email = self._mailbox()
        if not email:
            return ""
        changes: tuple[tuple[str, Callable[[str], str]], ...] = (
            ("plus_tag", lambda text: mess.plus_tag(rng, text)),
            ("gmail_dots", lambda text: mess.gmail_dots(rng, text)),
            ("email_typo", lambda text: mess.email_typo(rng, text)),
            ("email_case", lambda text: mess.email_case(rng, text)),
            ("email_space", lambda text: mess.whitespace(rng, text)),
        )
        for kind, change in changes:
            if (kind != "gmail_dots" or email.endswith("@gmail.com")) and dice.hit(kind):
                email = change(email)
        return email

    def _mailbox(self) -> str:
        person, dice = self.person, self.dice
        if person.shared_mailbox and (not person.emails or dice.chance(0.5)):
            return person.shared_mailbox
        if not person.emails:
            return ""
        if len(person.emails) > 1 and dice.hit("other_email"):
            return dice.rng.choice(person.emails[1:])
        return person.emails[0]

    def phone(self, company: bool = False, always_coded: bool = False) -> str:
        """A number as typed; empty if none is given.

        Args:
            company: The record is a company's.
            always_coded: The system turns numbers into E.164 itself, or refuses them.
        """
        dice, rng = self.dice, self.dice.rng
        if dice.hit("phone_missing"):
            return ""
        if dice.hit("placeholder_phone"):
            return "" if always_coded else rng.choice(mess.PLACEHOLDER_PHONES)
        if dice.hit("fake_phone"):
            return "" if always_coded else mess.fake_phone(rng, self._pack.calling_code)
        extension = company and self.person.company is not None and dice.hit("extension")
        e164 = self.true_phone(company)
        if always_coded:
            return mess.phone_typo(rng, e164) if dice.hit("phone_typo") else e164
        written = self.write_phone(e164)
        if extension:
            written = f"{written} {rng.choice(('ext.', 'x', 'ext'))} {rng.randint(10, 499)}"
        if self.person.second_mobile and dice.hit("several_phones"):
            written = f"{written}{rng.choice((' / ', '; ', ', ', ' or '))}{self.write_phone(self.person.second_mobile)}"
        return mess.phone_typo(rng, written) if dice.hit("phone_typo") else written

    def true_phone(self, company: bool = False) -> str:
        """Which of the numbers within reach is given, E.164."""
        person, draw = self.person, self.dice.rng.random()
        if company and person.company is not None and draw < 0.6:
            return person.company.phone
        if person.borrowed_mobile and draw < 0.4:
            return person.borrowed_mobile
        if person.landline and draw > 0.85:
            return person.landline
        if person.second_mobile and draw > 0.7:
            return person.second_mobile
        return person.mobile(self.at)

    def write_phone(self, e164: str) -> str:
        """A true number in a writing of the country."""
        home = not self._abroad and self.dice.hit("no_country_code")
        pack = self._pack
        return mess.phone(self.dice.rng, e164, pack.calling_code, pack.groups, pack.national, home)

    # --- the rest ---

    def place(self, home: Address | None = None) -> Place | None:
        """The address as typed; None if none is given."""
        if self.dice.hit("address_missing"):
            return None
        return self.write_place(home or self.person.home(self.at))

    def write_place(self, home: Address) -> Place:
        """An address in a writing of the record's script."""
        roman = self.script == "roman"

        def pick(name: Spelling) -> str:
            return name.romans[0] if roman else name.native

        line, city, postcode = pick(home.line), pick(home.city.name), home.postcode
        if self.dice.hit("address_abbreviated"):
            line = mess.abbreviate(line, self._pack.abbreviations)
        if self.dice.hit("address_short"):
            postcode, city = ("", city) if self.dice.chance(0.7) else (postcode, "")
        unit = home.unit if not roman or home.unit.isascii() else ""
        return Place(line, unit, city, pick(home.city.subdivision), home.city.province_code, postcode, home.country)

    def birthday(self, pattern: str) -> str:
        """The birthday as typed in the given writing; empty if none is given."""
        dice, born = self.dice, self.person.born
        if not dice.hit("birthday_given"):
            return ""
        if dice.hit("birthday_fake"):
            return dice.rng.choice(mess.FAKE_BIRTHDAYS).strftime(pattern)
        if dice.hit("birthday_slip"):
            born = mess.birthday_slip(dice.rng, born)
        if dice.hit("birthday_excel"):
            return mess.excel_date(born)
        if dice.hit("birthday_partial"):
            return born.strftime("%m-%d")
        return born.strftime(pattern)
