"""How much a resolve run may change unasked."""

from pathlib import Path

import pytest

from include.errors import DeclarationError
from include.golden.blast_radius import BlastRadius, Limit, load

NONE = {"created": 0, "updated": 0, "merged": 0, "split": 0, "retired": 0, "redirected": 0}


def diff(before: int = 1000, fields: dict[str, int] | None = None, consent: dict[str, int] | None = None, **changes: int) -> dict:
    return {"customers_before": before, "changes": {**NONE, **changes}, "fields": fields or {}, "consent_lost": consent or {}}


def declared(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "limits.yml"
    path.write_text(text)
    return path


def test_a_share_is_exceeded_only_from_the_declared_number_on():
    radius = BlastRadius(limits={"merged": Limit(share=0.02, least=50)})
    assert radius.exceeded(diff(merged=49)) == []
    assert radius.exceeded(diff(merged=50)) == ["customers merged: 50 of 1,000 customers (5.0%), more than 2.0%"]
    assert radius.exceeded(diff(before=2500, merged=50)) == []


def test_a_count_is_exceeded_whatever_the_share():
    radius = BlastRadius(limits={"retired": Limit(count=10)})
    assert radius.exceeded(diff(before=1_000_000, retired=11)) == ["customers retired: 11, more than 10"]
    assert radius.exceeded(diff(retired=10)) == []


def test_the_first_publication_is_never_held():
    assert BlastRadius(limits={"created": Limit(count=0)}).exceeded(diff(before=0, created=5)) == []


def test_a_field_has_its_own_limit_or_that_of_any_field():
    radius = BlastRadius(any_field=Limit(share=0.1), fields={"city": Limit(share=0.9)})
    told = radius.exceeded(diff(fields={"city": 500, "emails": 500}))
    assert told == ["customers with another emails: 500 of 1,000 customers (50.0%), more than 10.0%"]


def test_consent_is_judged_by_the_channel_that_loses_most():
    radius = BlastRadius(limits={"consent_lost": Limit(count=5)})
    assert radius.exceeded(diff(consent={"email": 5, "sms": 0})) == []
    assert radius.exceeded(diff(consent={"email": 1, "sms": 6})) == ["customers consent lost: 6, more than 5"]


def test_what_is_declared_lets_a_small_company_grow_and_stops_a_large_one_from_losing_a_tenth():
    assert load().exceeded(diff(before=500, created=2000, updated=400)) == []
    assert len(load().exceeded(diff(before=100_000, retired=10_000))) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "limits: {mergd: {share: 0.1}}",
            "limits.mergd: is none of the known values. Valid: created, updated, merged, split, retired, consent",
        ),
        ("limits: {merged: {shar: 0.1}}", "limits.merged.shar: is no key here. Valid: share, from, count"),
        ("limit: {}", "limit: is no key here. Valid: limits, any_field, fields"),
        ("limits: {merged: {share: 2}}", "limits.merged.share: should be less than or equal to 1"),
        ("fields: {emial: {share: 0.1}}", "fields.emial: no such golden field. Valid: full_name"),
    ],
)
def test_a_wrong_limit_is_named_with_what_would_be_valid(tmp_path: Path, text: str, sentence: str):
    with pytest.raises(DeclarationError) as wrong:
        load(declared(tmp_path, text))
    assert str(wrong.value).startswith(f"limits.yml: {sentence}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DeclarationError, match="is not there"):
        load(tmp_path / "none.yml")
