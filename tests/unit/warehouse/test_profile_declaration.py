"""What the profile declares is checked whole when it is read, and a mistake is named."""

from pathlib import Path

import pytest

from include.errors import DeclarationError
from include.warehouse.profile import DECLARATION, POINTS, load


def declared(tmp_path: Path, old: str, new: str) -> Path:
    text = DECLARATION.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "profile.yml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_every_point_the_profile_can_tell_is_worth_something():
    assert set(load().points) == set(POINTS)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("lapsed_after: 540", "lapsed_after: 540\nlapsed: 1", "profile.yml: lapsed: is no key here. Valid: reporting_currency"),
        ("  name: {importance", "  shoe_size: {importance", "profile.yml: points.shoe_size: no such data point. Valid: name"),
        ("  EUR: 1\n", "", "profile.yml: (whole file): the reporting currency needs the rate 1 among the rates"),
        ("  USD: 0.92", "  USD: 0", "profile.yml: rates.USD: should be greater than 0"),
        ("  USD: 0.92", "  dollars: 0.92", "profile.yml: rates.dollars: must be a currency's code"),
        (
            "{purpose: marketing, channel: sms}", "{purpose: charity, channel: sms}",
            "profile.yml: consents.sms_consent.purpose: charity has no period. Valid: marketing, profiling",
        ),
        ("sms_consent: {purpose:", "fax_consent: {purpose:", "profile.yml: consents.fax_consent: no such answer. Valid: email_"),
        ("{expires_after: 1095}", "{expires: 1095}", "profile.yml: purposes.marketing.expires: is no key here. Valid: expires"),
        ("{email: 730, ", "{mail: 1, email: 730, ", "profile.yml: stale_after.mail: is no key here. Valid: email, phone"),
        ("half_life: {email: 730, ", "half_life: {email: 0, ", "profile.yml: half_life.email: should be greater"),
        ("  ticket: When", "  tickets: When", "profile.yml: touchpoints.tickets: is no key here. Valid: ticket, store, email"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_key_and_what_would_be_valid(tmp_path: Path, old: str, new: str, sentence: str):
    with pytest.raises(DeclarationError) as refused:
        load(declared(tmp_path, old, new))
    assert str(refused.value).startswith(sentence)


def test_a_point_without_a_worth_is_named(tmp_path: Path):
    text = DECLARATION.read_text(encoding="utf-8").replace(
        '  language: {importance: 1, question: "Which language do you prefer?"}\n', ""
    )
    (tmp_path / "profile.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match="does not say what language is worth"):
        load(tmp_path / "profile.yml")
