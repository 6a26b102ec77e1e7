"""What may be declared of a segment, and what is refused with the words that would be valid."""

from pathlib import Path

import pytest
import yaml

from include.errors import DeclarationError
from include.warehouse.segments import COLUMNS, CONTACT, DECLARATION, Segment, load

PROFILE = Path(__file__).resolve().parents[3] / "docs" / "profile.md"


def declared(tmp_path: Path, **changes: object) -> Path:
    raw = yaml.safe_load(DECLARATION.read_text())
    one = {"title": "Some", "channel": "email", "where": [{"column": "orders", "at_least": 1}], "columns": ["country"], **changes}
    raw["segments"] = {"some": {name: value for name, value in one.items() if value is not None}}
    path = tmp_path / "segments.yml"
    path.write_text(yaml.safe_dump(raw))
    return path


def test_every_column_a_segment_may_ask_is_documented():
    documented = {line.split("`")[1] for line in PROFILE.read_text().splitlines() if line.startswith("| `")}
    assert set(COLUMNS) - documented <= {"birth_date"}  # stewards see it, and the export


def test_what_is_declared_loads_and_tells_contact_points_only_by_their_channel():
    found = load().segments
    assert {"win_back", "vip", "birthday_this_month", "stale_contact"} <= set(found)
    assert all(told not in CONTACT or one.channel in CONTACT[told] for one in found.values() for told in one.columns)


@pytest.mark.parametrize(("told", "channels"), CONTACT.items())
def test_a_contact_point_is_told_by_each_of_its_channels_and_by_no_other(tmp_path: Path, told: str, channels: tuple[str, ...]):
    for channel in ("email", "sms", "phone", "post", None):
        path = declared(tmp_path, channel=channel, columns=[told])
        if channel in channels:
            assert load.__wrapped__(path).segments["some"].channel == channel
        else:
            with pytest.raises(DeclarationError, match=f"{told} is told only where the segment's channel is {channels[0]}"):
                load.__wrapped__(path)


def test_a_segment_judges_people_where_it_asks_or_tells_what_they_bought():
    found = load().segments
    assert {name for name, one in found.items() if one.profiles} >= {"win_back", "vip"}
    plain = {"title": "Some", "where": [{"column": "country", "known": True}], "columns": ["display_name"]}
    assert not Segment.model_validate(plain).profiles
    assert Segment.model_validate({**plain, "columns": ["lifetime_value"]}).profiles


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"where": [{"column": "ordrs", "at_least": 1}]},
            "segments.some.where.0.column: no column 'ordrs' to ask. Valid: display_n",
        ),
        ({"columns": ["password"]}, "segments.some.columns: no column 'password' to tell. Valid: display_name"),
        (
            {"where": [{"column": "orders", "atleast": 1}]},
            "segments.some.where.0.atleast: is no key here. Valid: column, is, one_of",
        ),
        ({"where": [{"column": "orders"}]}, "segments.some.where.0: asks in 0 ways, and needs exactly one of is, one_of"),
        ({"where": [{"column": "orders", "is": 1, "known": True}]}, "segments.some.where.0: asks in 2 ways"),
        (
            {"where": [{"column": "country", "at_least": 1}]},
            "segments.some.where.0.at_least: does not suit country, which holds a text",
        ),
        ({"where": [{"column": "orders", "is": "many"}]}, "segments.some.where.0.is: orders holds a number, and is held against"),
        ({"where": [{"column": "lapsed", "is": 1}]}, "segments.some.where.0.is: lapsed holds a boolean, and is held against"),
        ({"where": []}, "segments.some.where: needs at least 1"),
        ({"chanel": "email"}, "segments.some.chanel: is no key here. Valid: title, channel, where, columns"),
        ({"channel": "fax"}, "segments.some.channel: is none of the known values. Valid: email, sms"),
        ({"columns": ["primary_phone"]}, "segments.some.columns: primary_phone is told only where the segment's channel is sms"),
        ({"channel": None, "columns": ["primary_email"]}, "segments.some.columns: primary_email is told only where"),
    ],
)
def test_a_wrong_segment_is_named_with_what_would_be_valid(tmp_path: Path, changes: dict[str, object], sentence: str):
    with pytest.raises(DeclarationError) as wrong:
        load(declared(tmp_path, **changes))
    assert str(wrong.value).startswith(f"segments.yml: {sentence}")


def test_a_segment_that_is_not_declared_is_named():
    with pytest.raises(DeclarationError, match=r"there is no segment 'winback'\. Valid: win_back, vip"):
        load().chosen(["winback"])
