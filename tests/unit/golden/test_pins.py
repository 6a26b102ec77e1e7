"""A steward's word stands above the sources, until what it stood against is said otherwise."""

from typing import Any

import pandas as pd
import pytest

from include.golden import proof
from include.golden.lineage import lineage
from include.golden.pins import NotToBePinned, Pin, apply, drawn, moving_with
from include.golden.survivorship import survive
from tests.unit.golden.factory import TRUST, record, snapshot


def survived(records: pd.DataFrame, *pins: Pin) -> tuple[dict[str, Any], pd.DataFrame]:
    customers, proofs = apply(*survive(records, TRUST), records, pins)
    return {row["customer_id"]: row for row in customers.to_dict("records")}, proof.rows(proofs)


def pin(records: pd.DataFrame, **given: str) -> Pin:
    """A steward pins the values of one field, or of fields that move together, of the only customer."""
    (field, *_) = given
    rows, provenance = survived(records)
    (row,) = rows.values()
    told = {name: given.get(name, row[name]) for name in moving_with(field)}
    return drawn(row, {one["field"]: one for one in provenance.to_dict("records")}, records, field, told)


ANA = record("a", source="web", birth_date="1990-05-17", emails=["ana@example.org"])
BEN = record("b", source="shop", birth_date="1991", emails=["ben@example.org", "ana@example.org"])


def test_a_pinned_value_beats_every_source_and_says_so() -> None:
    records = snapshot(ANA, BEN)
    given = pin(records, birth_date="1990-05-18")
    assert (given.record_id, given.overrode) == ("a", {"birth_date": "1990-05-17"}), "of the record that supplied the value"
    rows, provenance = survived(records, given)
    assert rows["c1"]["birth_date"] == "1990-05-18"
    (told,) = lineage(rows["c1"], provenance[provenance["field"] == "birth_date"].to_dict("records"), records)
    assert (told.rule, told.record_ids, told.agreeing, told.holding) == ("pinned", (), 0, 2)
    assert told.confidence == 1
    assert told.adds_up
    assert [held.value for held in told.lost] == ["1990-05-17", "1991"]
    assert len(provenance) == len(survived(records)[1])


def test_a_pin_stands_until_its_record_says_otherwise_and_not_for_another_records_sake() -> None:
    given = pin(snapshot(ANA, BEN), birth_date="1990-05-18")
    another = record("x", source="web", day=400, birth_date="1990-12-01")
    assert survived(snapshot(ANA, BEN, another), given)[0]["c1"]["birth_date"] == "1990-05-18"
    changed = snapshot(ANA | {"birth_date": "1990-05-19"}, BEN)
    rows, provenance = survived(changed, given)
    assert rows["c1"]["birth_date"] == "1990-05-19"
    assert "pinned" not in set(provenance["rule"])


def test_a_pinned_value_nobody_had_said_stands_until_somebody_does() -> None:
    given = pin(snapshot(ANA, BEN), nickname="Nan")
    assert survived(snapshot(ANA, BEN), given)[0]["c1"]["nickname"] == "Nan"
    assert survived(snapshot(ANA, BEN | {"nickname": "Benny"}), given)[0]["c1"]["nickname"] == "Benny"


def test_a_pin_goes_with_its_record_when_the_customer_splits_and_merges() -> None:
    given = pin(snapshot(ANA, BEN), birth_date="1990-05-18")
    apart = survived(snapshot(ANA, BEN | {"customer_id": "c2"}), given)[0]
    assert (apart["c1"]["birth_date"], apart["c2"]["birth_date"]) == ("1990-05-18", "1991")
    joined = survived(snapshot(ANA, BEN, record("z", source="web", day=1, birth_date="1980-01-01")), given)[0]
    assert joined["c1"]["birth_date"] == "1990-05-18"


def test_of_two_pins_that_a_merge_brings_together_the_later_stands() -> None:
    one, other = pin(snapshot(ANA), birth_date="1990-05-18"), pin(snapshot(BEN), birth_date="1990-05-20")
    assert survived(snapshot(ANA, BEN), one, other)[0]["c1"]["birth_date"] == "1990-05-20"
    assert survived(snapshot(ANA, BEN), other, one)[0]["c1"]["birth_date"] == "1990-05-18"


def test_fields_that_move_together_are_pinned_together() -> None:
    home = {"address_line": "1 Old Street", "city": "Makati", "postcode": "1200", "country": "PH"}
    records = snapshot(record("a", source="web", **home))
    given = pin(records, address_line="2 New Street")
    moved = record("m", source="web", day=30, address_line="9 Far Road", city="Cebu City", postcode="6000", country="PH")
    row = survived(snapshot(record("a", source="web", **home), moved), given)[0]["c1"]
    assert (row["address_line"], row["city"], row["postcode"]) == ("2 New Street", "Makati", "1200"), "no street of another town"
    assert row["subdivision"] is None
    assert "subdivision" not in set(survived(records, given)[1]["field"]), "what has no value has no provenance"


def test_of_a_set_the_pinned_value_comes_first_and_the_others_follow() -> None:
    records = snapshot(ANA, BEN)
    given = pin(records, emails="new@example.org")
    assert given.overrode == {"emails": "ana@example.org"}
    assert survived(records, given)[0]["c1"]["emails"] == ["new@example.org", "ana@example.org", "ben@example.org"]
    gone = snapshot(ANA | {"emails": []}, BEN)
    assert survived(gone, given)[0]["c1"]["emails"][0] == "ben@example.org", "the address it stood against is gone"


def test_a_pin_of_a_record_that_is_gone_changes_nothing() -> None:
    given = pin(snapshot(ANA), birth_date="1990-05-18")
    assert survived(snapshot(BEN), given)[0]["c1"]["birth_date"] == "1991"


def test_others_are_left_as_they_are() -> None:
    other = record("o", customer_id="c9", birth_date="2000-01-01", emails=["o@example.org"])
    given = pin(snapshot(ANA, BEN), birth_date="1990-05-18")
    plain, pinned = survived(snapshot(ANA, BEN, other)), survived(snapshot(ANA, BEN, other), given)
    assert plain[0]["c9"] == pinned[0]["c9"]
    of = [frame[frame["customer_id"] == "c9"].to_numpy().tolist() for frame in (plain[1], pinned[1])]
    assert of[0] == of[1]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("birthdate", "no golden field 'birthdate'. Fields that can be pinned: .*birth_date"),
        ("email_consent", "customer's own word"),
        ("sms_consent_at", "customer's own word"),
        ("first_seen_at", "reckoned from all records"),
    ],
)
def test_what_no_steward_can_give_is_refused_with_what_can_be(field: str, words: str) -> None:
    with pytest.raises(NotToBePinned, match=words):
        moving_with(field)
