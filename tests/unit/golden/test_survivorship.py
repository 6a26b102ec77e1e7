import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.cleaning.frames import clean_customers
from include.customer import CONSENTS
from include.golden import proof
from include.golden.fields import GOLDEN, GOLDEN_COLUMNS
from include.golden.rules import FieldRule, load
from include.golden.survivorship import survive
from tests.unit.cleaning.factory import HABITS, mapped
from tests.unit.golden.factory import DAY_ONE, TRUST, record, snapshot


def golden(*records, rules=None):
    customers, proofs = survive(snapshot(*records), TRUST, rules)
    assert len(customers) == 1
    return customers.iloc[0], proof.rows(proofs).set_index("field")


def ruled(field, *rungs, half_life=None):
    """The project's rules with one field's rule replaced."""
    rules = load()
    return rules.model_copy(update={"fields": {**rules.fields, field: FieldRule(rule=rungs, half_life=half_life)}})


# --- one value ----------------------------------------------------------------------------------------------------------------


def test_the_more_trusted_source_wins():
    row, why = golden(record("a", source="social", company_name="Acme"), record("b", source="web", company_name="ACME Ltd"))
    assert row["company_name"] == "ACME Ltd"
    assert why.loc["company_name", ["record_ids", "rule", "agreeing", "holding"]].tolist() == [["b"], "most_trusted", 1, 2]


def test_trust_is_declared_per_field():
    row, _ = golden(record("a", source="web", phones=["+331"]), record("b", source="shop", phones=["+332"]))
    assert row["phones"] == ["+332", "+331"]


def test_trust_decays_with_age():
    old, new = record("a", source="web", company_name="Old"), record("b", source="shop", day=1460, company_name="New")
    assert golden(old, new)[0]["company_name"] == "New"
    assert golden(old, new | {"source_time": DAY_ONE})[0]["company_name"] == "Old"


def test_age_counts_from_the_customers_newest_evidence_and_never_from_today():
    rows = [record("a", company_name="Old"), record("b", source="shop", day=300, company_name="New")]
    later = [row | {"source_time": row["source_time"] + pd.Timedelta(days=9000)} for row in rows]
    assert golden(*rows)[0]["company_name"] == golden(*later)[0]["company_name"] == "Old"


def test_a_validation_flag_lowers_trust():
    plain = record("a", source="shop", company_name="Right")
    flagged = record("b", source="web", company_name="Wrong", flags=["company_name:suspicious"])
    assert golden(plain, flagged)[0]["company_name"] == "Right"
    assert golden(plain, flagged | {"flags": ["nickname:suspicious"]})[0]["company_name"] == "Wrong"


@pytest.mark.parametrize("rung", ["most_recent", "most_trusted", "most_frequent", "longest"])
def test_a_damaged_value_stands_only_where_there_is_no_whole_one_whatever_the_rule(rung):
    whole = record("a", source="social", company_name="Zürich AG")
    damaged = [record(n, day=9, source="shop", company_name="Z?rich Rück AG", flags=["company_name:lossy"]) for n in ("b", "c")]
    rules = ruled("company_name", rung)
    assert golden(whole, *damaged, rules=rules)[0]["company_name"] == "Zürich AG"
    assert golden(*damaged, rules=rules)[0]["company_name"] == "Z?rich Rück AG"


def test_a_name_that_lost_letters_gives_way_to_a_whole_one_and_not_to_a_lone_initial_of_more():
    lost = [f"{part}:lossy" for part in ("full_name", "given_name", "family_name")]
    damaged = record("b", day=9, source="shop", full_name="An? Cr?z", given_name="An?", family_name="Cr?z", flags=lost)
    whole = record("a", source="social", full_name="Ana Cruz", given_name="Ana", family_name="Cruz")
    assert golden(whole, damaged)[0]["full_name"] == "Ana Cruz"


def test_an_address_that_lost_a_letter_gives_way_to_a_whole_one_and_not_to_a_mere_country():
    home = {"address_line": "Ring 7", "postcode": "8001", "country": "CH"}
    damaged = record("b", day=9, source="shop", city="Z?rich", **home, flags=["city:lossy"])
    whole = record("a", source="social", city="Zürich", **home)
    assert golden(whole, damaged)[0]["city"] == "Zürich"
    mere = record("c", source="social", country="CH")
    assert golden(mere, damaged)[0]["address_line"] == "Ring 7"


def test_an_inferred_value_stands_only_where_nobody_states_one_whatever_the_rule():
    stated = record("a", source="social", language="es")
    inferred = record("b", day=9, source="shop", language="en", flags=["language:assumed"])
    assert golden(stated, inferred)[0]["language"] == "es"
    assert golden(inferred)[0]["language"] == "en"


def test_several_flags_multiply():
    rows = [
        record("a", source="social", company_name="Right"),
        record("b", source="web", company_name="Wrong", flags=["company_name:one", "company_name:two"]),
    ]
    assert golden(*rows)[0]["company_name"] == "Right"  # 0.3 beats 0.9 / 4


@pytest.mark.parametrize(
    ("rung", "values", "winner"),
    [
        ("most_recent", ["x", "longer", "last"], "last"),
        ("most_frequent", ["twice", "once", "twice"], "twice"),
        ("longest", ["x", "longer", "last"], "longer"),
        ("most_trusted", ["web", "shop", "social"], "web"),
        ("most_supported", ["one", "two", "two"], "one"),
        ("unanimous", ["x", None, "x"], "x"),
        ("unanimous", ["x", "y", "x"], None),
    ],
)
def test_each_rule_picks_what_its_name_says(rung, values, winner):
    sources = ["web", "shop", "social"]
    rows = [record(f"r{n}", source=sources[n], day=n, nickname=value) for n, value in enumerate(values)]
    assert golden(*rows, rules=ruled("nickname", rung))[0]["nickname"] == winner


def named(record_id, given, family, key=None, **more):
    keys = {"given_key": (key or given).lower(), "family_key": family.lower()}
    return record(record_id, full_name=f"{given} {family}", given_name=given, family_name=family, **more) | keys


def test_a_name_that_several_records_bear_outvotes_a_newer_slip_of_a_more_trusted_source():
    rows = [
        named("a", "Ana", "Reyes", source="shop"), named("b", "アナ", "Reyes", key="ana", source="social"),
        named("c", "Anna", "Reyes", day=9, source="web"),
    ]  # fmt: skip
    assert golden(*rows)[0]["given_name"] == "Anna", "0.9 alone still stands beside 0.6 and 0.3"
    rows.append(named("d", "Ana", "Reyes", source="social"))
    assert golden(*rows)[0]["given_name"] == "Ana", "the best trusted of those who agree"


def test_a_whole_name_stands_before_one_with_an_initial_and_before_half_of_one():
    whole = named("a", "Ana", "Reyes", source="social")
    assert golden(whole, named("b", "A.", "Reyes"))[0]["given_name"] == "Ana"
    assert golden(whole, record("b", full_name="Annie", given_name="Annie"))[0]["full_name"] == "Ana Reyes"
    han = named("h", "剛", "飯田", key="tsuyoshi", source="web")
    assert golden(han, named("b", "Tsu", "Iida", source="social"))[0]["given_name"] == "剛", "one Han character is no initial"


def test_spellings_of_one_mailbox_support_one_another_and_the_plainest_comes_first():
    def mailed(record_id, address, key, **more):
        return record(record_id, emails=[address], **more) | {"email_keys": [key]}

    rows = [
        mailed("a", "ana@example.org", "ana@example.org", source="shop"),
        mailed("b", "ana+sale@example.org", "ana@example.org", day=200),
        mailed("c", "other@example.org", "other@example.org", day=300),
    ]
    assert golden(*rows)[0]["emails"] == ["ana@example.org", "other@example.org", "ana+sale@example.org"]
    del rows[0]
    assert golden(*rows)[0]["emails"] == ["other@example.org", "ana+sale@example.org"], "a tag alone is an address all the same"


def test_disagreement_under_unanimous_explains_itself():
    row, why = golden(record("a", gender="female"), record("b", gender="male"))
    assert row["gender"] is None
    assert why.loc["gender", ["record_ids", "agreeing", "holding"]].tolist() == [[], 0, 2]


def test_first_and_last_contact_are_the_extremes():
    row, _ = golden(
        record("a", first_seen_at=DAY_ONE, last_seen_at=DAY_ONE),
        record("b", first_seen_at=DAY_ONE - pd.Timedelta(days=5), last_seen_at=DAY_ONE + pd.Timedelta(days=5)),
        record("c"),
    )
    assert (DAY_ONE - row["first_seen_at"]).days == 5
    assert (row["last_seen_at"] - DAY_ONE).days == 5


def test_a_whole_birth_date_beats_partial_ones_and_a_slip_is_outvoted():
    slip, right = "1990-07-05", "1990-05-07"
    row, why = golden(
        record("a", birth_date=slip),
        record("b", source="social", birth_date=right),
        record("c", source="social", birth_date=right),
        record("d", birth_date="1990"),
        record("e", birth_date="--05-07"),
    )
    assert row["birth_date"] == right
    assert why.loc["birth_date", ["record_ids", "agreeing", "holding"]].tolist() == [["b"], 2, 5]


def test_ties_go_to_the_more_recent_then_the_lower_record_id():
    rules = ruled("nickname", "longest")
    assert golden(record("a", nickname="Ana"), record("b", day=1, nickname="Bea"), rules=rules)[0]["nickname"] == "Bea"
    assert golden(record("b", nickname="Bea"), record("a", nickname="Ana"), rules=rules)[0]["nickname"] == "Ana"
    assert (
        golden(record("b", day=9, source="social", nickname="Bea"), record("a", nickname="Ana"), rules=rules)[0]["nickname"]
        == "Ana"
    )


# --- groups -------------------------------------------------------------------------------------------------------------------


def test_an_address_comes_from_one_record():
    row, why = golden(
        record("a", source="web", address_line="1 Rue A", city="Paris", postcode="75001", country="FR"),
        record("b", source="shop", address_line="2 Calle B", city="Madrid", subdivision="MD", postcode="28001", country="ES"),
    )
    assert row[["address_line", "city", "subdivision", "postcode", "country"]].tolist() == [
        "1 Rue A",
        "Paris",
        None,
        "75001",
        "FR",
    ]
    assert "subdivision" not in why.index
    assert why.loc["city", "record_ids"] == ["a"]


def test_name_parts_come_from_one_record():
    row, _ = golden(
        record("a", source="web", full_name="Ana Cruz", given_name="Ana", family_name="Cruz"),
        record("b", source="shop", full_name="Dr Ana Santos", title="Dr", given_name="Ana", family_name="Santos"),
    )
    assert row[["full_name", "title", "family_name"]].tolist() == ["Ana Cruz", None, "Cruz"]


def test_half_a_name_is_trusted_half():
    row, _ = golden(
        record("a", source="web", given_name="Ana"),
        record("b", source="shop", full_name="Ana Cruz", given_name="Ana", family_name="Cruz"),
    )
    assert row["family_name"] == "Cruz"


def test_a_lone_title_stands_only_where_there_is_no_name():
    title, name = record("a", title="Dr"), record("b", source="social", full_name="Ana Cruz")
    assert golden(title, name)[0][["title", "full_name"]].tolist() == [None, "Ana Cruz"]
    assert golden(title)[0]["title"] == "Dr"
    groups = load().groups
    recent = load().model_copy(
        update={"groups": {**groups, "name": groups["name"].model_copy(update={"rule": ("most_recent",)})}}
    )
    assert golden(title | {"source_time": DAY_ONE + pd.Timedelta(days=9)}, name, rules=recent)[0]["full_name"] == "Ana Cruz"


def test_region_follows_the_address():
    abroad = record("a", source="web", country="JP", region="asia")
    assert golden(abroad, record("b", day=9, region="eu"))[0]["region"] == "asia"
    assert golden(record("a", region="asia"), record("b", day=9, region="eu"))[0]["region"] == "eu"


# --- consent ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", CONSENTS)
@pytest.mark.parametrize(
    ("answers", "stands"), [((True, False), False), ((True, None), True), ((False, None), False), ((None, None), None)]
)
def test_the_most_restrictive_consent_stands(answer, answers, stands):
    rows = [record("a", day=9, **{answer: answers[0]}), record("b", source="social", **{answer: answers[1]})]
    for order in (rows, rows[::-1]):
        assert golden(*order)[0][answer] is stands


@pytest.mark.parametrize("answer", CONSENTS)
def test_when_two_customers_are_parted_again_each_has_their_own_answer_back(answer):
    yes, no = {answer: True, f"{answer}_at": DAY_ONE}, {answer: False, f"{answer}_at": DAY_ONE + pd.Timedelta(days=3)}
    apart = snapshot(record("a", "c1", **yes), record("b", "c2", source="shop", **no))
    before, _ = survive(apart, TRUST)
    merged, _ = survive(apart.assign(customer_id="c1"), TRUST)
    assert merged.loc[0, [answer, f"{answer}_at"]].tolist() == [False, no[f"{answer}_at"]]
    pd.testing.assert_frame_equal(survive(apart, TRUST)[0], before)
    assert before[answer].tolist() == [True, False]
    assert before[f"{answer}_at"].tolist() == [yes[f"{answer}_at"], no[f"{answer}_at"]]


def test_a_consent_bears_the_date_of_its_own_answer():
    yes, no = DAY_ONE + pd.Timedelta(days=5), DAY_ONE
    row, _ = golden(
        record("a", email_consent=True, email_consent_at=yes),
        record("b", email_consent=False, email_consent_at=no - pd.Timedelta(days=3)),
        record("c", email_consent=False, email_consent_at=no),
        record("d", email_consent=False),
        record("e", email_consent_at=yes),
    )
    assert row["email_consent"] is False
    assert row["email_consent_at"] == no


def test_a_date_without_an_answer_is_no_consent():
    assert golden(record("a", email_consent_at=DAY_ONE))[0]["email_consent_at"] is pd.NaT


def test_channels_consent_apart():
    said = dict(zip(CONSENTS, (False, True, None, True, False), strict=True))
    row, why = golden(record("a", **said))
    assert {name: row[name] for name in CONSENTS} == said
    assert {name for name in CONSENTS if name in why.index} == {name for name, answer in said.items() if answer is not None}


# --- sets ---------------------------------------------------------------------------------------------------------------------


def test_a_set_keeps_every_value_once_the_best_supported_first():
    row, why = golden(
        record("a", source="web", emails=["own@x.org", "old@x.org"]),
        record("b", source="shop", emails=["own@x.org"]),
        record("c", source="shop", emails=["new@x.org", "old@x.org"]),
        record("d"),
    )
    assert row["emails"] == ["own@x.org", "old@x.org", "new@x.org"]  # 1.5, 0.75, 0.6
    assert why.loc["emails", ["record_ids", "agreeing", "holding"]].tolist() == [["a", "b", "c"], 2, 3]


def test_a_value_repeated_in_one_record_counts_once():
    row, why = golden(record("a", emails=["x@x.org", "x@x.org"]), record("b", emails=["y@x.org"], day=1))
    assert row["emails"] == ["y@x.org", "x@x.org"]
    assert why.loc["emails", "agreeing"] == 1


def test_nobody_shares_another_customers_values():
    customers, _ = survive(
        snapshot(record("a", "c1", handles=["x:a"]), record("b", "c2"), record("c", "c3", handles=["x:c"], nickname="C")), TRUST
    )
    assert customers["handles"].tolist() == [["x:a"], [], ["x:c"]]
    assert customers["nickname"].tolist() == [None, None, "C"]


# --- the whole ----------------------------------------------------------------------------------------------------------------


def test_customers_know_their_sources_and_records():
    row, _ = golden(record("a", source="web"), record("b", source="shop"), record("c", source="web"))
    assert (row["sources"], row["record_count"]) == (["shop", "web"], 3)


@pytest.mark.parametrize("dtype", ["object", "string"])
def test_a_snapshot_from_the_lake_survives_like_the_one_that_went_in(tmp_path, dtype):
    frame = snapshot(
        record("a", nickname="Ana", emails=["a@x", "b@x"], email_consent=True, email_consent_at=DAY_ONE, first_seen_at=DAY_ONE),
        record("b", source="shop", full_name="Ana Cruz", emails=["b@x"], flags=["emails:invalid"], email_consent=False),
        record("c", "c2", birth_date="1990"),
    )
    frame.to_parquet(tmp_path / "snapshot.parquet")
    read = pd.read_parquet(tmp_path / "snapshot.parquet").astype({"nickname": dtype, "full_name": dtype, "birth_date": dtype})
    for ours, theirs in zip(survive(frame, TRUST), survive(read, TRUST), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


def test_an_empty_snapshot_gives_empty_frames_with_their_columns():
    customers, proofs = survive(snapshot(record("a")).iloc[:0], TRUST)
    assert (list(customers), len(customers)) == (list(GOLDEN_COLUMNS), 0)
    assert (list(proofs), len(proofs)) == (list(proof.COLUMNS), 0)


def test_a_source_that_nobody_declares_is_believed_only_where_nobody_else_speaks():
    stranger = record("a", source="kiosk", day=900, company_name="Kiosk's", nickname="Nan", phones=["+1"])
    row, why = golden(stranger, record("b", source="social", company_name="Acme", phones=["+2"]))
    assert (row["company_name"], row["nickname"], row["phones"]) == ("Acme", "Nan", ["+2", "+1"])
    assert why.loc["nickname", "record_ids"] == ["a"]
    assert row["record_count"] == 2
    assert golden(stranger)[0]["company_name"] == "Kiosk's", "nobody is dropped"


def test_a_record_without_a_customer_is_refused():
    with pytest.raises(ValueError, match="1 records have no customer id"):
        survive(snapshot(record("a"), record("b", customer_id=None)), TRUST)


rows = st.builds(
    record,
    record_id=st.just("to be numbered"),
    customer_id=st.sampled_from(["c1", "c2", "c3"]),
    source=st.sampled_from(["web", "shop", "social"]),
    day=st.integers(0, 3),
    nickname=st.sampled_from([None, "A", "B"]),
    given_name=st.sampled_from([None, "A", "B"]),
    full_name=st.sampled_from([None, "A", "B"]),
    gender=st.sampled_from([None, "female", "male"]),
    birth_date=st.sampled_from([None, "1990", "1990-01-02"]),
    city=st.sampled_from([None, "P", "Q"]),
    email_consent=st.sampled_from([None, True, False]),
    emails=st.lists(st.sampled_from(["a@x", "b@x", "c@x"]), max_size=3),
    flags=st.lists(st.sampled_from(["emails:f", "nickname:f"]), max_size=2),
)


@settings(max_examples=25)
@given(st.lists(rows, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing_and_the_numbers_add_up(drawn, random):
    records = [row | {"record_id": f"r{n:02}"} for n, row in enumerate(drawn)]
    customers, proofs = survive(snapshot(*records), TRUST)
    provenance = proof.rows(proofs)
    random.shuffle(records)
    again = survive(snapshot(*records), TRUST)
    pd.testing.assert_frame_equal(customers, again[0])
    pd.testing.assert_frame_equal(proofs, again[1])

    count = customers.set_index("customer_id")["record_count"]
    assert count.sum() == len(records)
    assert (provenance["agreeing"] <= provenance["holding"]).all()
    assert (provenance["holding"] <= provenance["customer_id"].map(count)).all()

    by_id = {row["record_id"]: row for row in records}
    golden = customers.set_index("customer_id")
    for why in provenance.itertuples():
        value = golden.loc[why.customer_id, why.field]
        holders = [by_id[r] for r in why.record_ids]
        assert all(row["customer_id"] == why.customer_id for row in holders)
        if isinstance(value, list):
            assert set(value) == {element for row in holders for element in row[why.field]}
            assert len(value) == len(set(value))
        elif holders:
            assert [row[why.field] for row in holders] == [value]
            members = [row for row in records if row["customer_id"] == why.customer_id]
            assert why.agreeing == sum(row[why.field] == value for row in members)
            assert why.holding == sum(row[why.field] is not None for row in members)
        else:
            assert value is None
            assert why.rule == "unanimous"
    explained = set(zip(provenance["customer_id"], provenance["field"], strict=True))
    for field in ("nickname", "emails", "city", "email_consent"):
        for customer_id, value in golden[field].items():
            assert ((customer_id, field) in explained) == (value is not None and value != [])


def test_25_000_records_survive_in_under_three_seconds():
    size = 25_000
    random = np.random.default_rng(7)
    number = random.integers(0, 6000, size)
    frame = snapshot(*[record("x")] * 1).loc[np.zeros(size, dtype=int)].reset_index(drop=True)
    frame["record_id"] = [f"r{n}" for n in range(size)]
    frame["customer_id"] = [f"c{n}" for n in number]
    frame["source"] = random.choice(["web", "shop", "social"], size)
    for field in ("full_name", "given_name", "family_name", "city", "nickname", "company_name"):
        frame[field] = random.choice(["A", "B", "C", None], size)
    frame["emails"] = [[f"{n}@x.org", f"{n % 7}@y.org"] for n in number]
    frame["phones"] = [[f"+{n}"] for n in number]
    started = time.process_time()
    customers, _ = survive(frame, TRUST)
    assert len(customers) == len(set(number))
    assert time.process_time() - started < 3


def test_a_stated_country_goes_before_an_inferred_one_of_a_more_trusted_source():
    inferred = record("r1", source="web", day=9, country="JP", flags=["country:from_phone"])
    customers, _ = survive(snapshot(inferred, record("r2", source="social", country="PH")), TRUST)
    assert list(customers["country"]) == ["PH"]
    customers, _ = survive(snapshot(inferred), TRUST)
    assert list(customers["country"]) == ["JP"]


# --- sources that may only add ---


def test_a_match_only_source_fills_what_nobody_holds_and_wins_nothing_by_any_rule():
    own = record("a", source="social", given_name="Ana", language="es", phones=["+1"], gender=None, company_name=None)
    bought = record(
        "b", source="web", day=900, given_name="Anna", language="de", phones=["+1", "+2"], gender="female", company_name="Acme"
    )
    customers, proofs = survive(snapshot(own, bought), TRUST, match_only=["web"])
    row, why = customers.iloc[0], proof.rows(proofs).set_index("field")
    assert (row["given_name"], row["language"], row["phones"]) == ("Ana", "es", ["+1"])
    assert (row["gender"], row["company_name"]) == ("female", "Acme")
    assert why.loc["company_name", "record_ids"] == ["b"]
    assert row["sources"] == ["social", "web"]


def test_of_match_only_sources_alone_the_rules_hold_as_ever():
    records = snapshot(record("a", source="web", phones=["+1"]), record("b", source="shop", phones=["+2"]))
    pd.testing.assert_frame_equal(survive(records, TRUST)[0], survive(records, TRUST, match_only=["web", "shop"])[0])


# --- what nobody is called, and what nobody said ---


def cleaned(record_id, source, day, **fields):
    """A record as its source delivers it, through cleaning."""
    row = clean_customers(mapped("customers", fields), HABITS).iloc[0]
    told = {name: row[name] for name in (*GOLDEN, "given_key", "family_key", "email_keys", "flags")}
    return pd.DataFrame([record(record_id, source=source, day=day)]).iloc[0].to_dict() | told


@pytest.mark.parametrize(
    ("field", "placeholder", "true"),
    [
        ("full_name", "Walk-in Customer", "Ana Cruz"),
        ("given_name", "Unknown", "Ana"),
        ("family_name", "N/A", "Cruz"),
        ("company_name", "none", "Acme Ltd"),
        ("birth_date", "1900-01-01", "1990-05-17"),
        ("emails", ["noemail@gmail.com"], ["ana@example.com"]),
        ("phones", ["0000000000"], ["+639175550142"]),
        ("address_line", "same as billing", "12 Rizal Street"),
        ("city", "N/A", "Kraków"),
        ("postcode", "00000", "1226"),
        ("country", "unknown", "PH"),
        ("language", "n/a", "es"),
        ("loyalty_ids", ["0000000000"], ["4000123456"]),
    ],
)
def test_a_placeholder_never_wins_however_trusted_recent_or_frequent_it_is(field, placeholder, true):
    told = cleaned("a", "social", 0, **{field: true})
    filled = [cleaned(name, "shop", 900, **{field: placeholder}) for name in ("b", "c", "d")]
    assert golden(told, *filled)[0][field] == true
    assert golden(*filled)[0][field] in (None, []), "nor where there is nothing else"


@pytest.mark.parametrize("rung", ["most_trusted", "most_recent", "most_frequent", "most_complete"])
@pytest.mark.parametrize(("field", "stated", "guessed"), [("city", "Cebu", "Makati"), ("country", "PH", "JP")])
def test_a_stated_line_of_an_address_goes_before_an_inferred_one_by_any_rule(rung, field, stated, guessed):
    groups = load().groups
    rules = load().model_copy(update={"groups": groups | {"address": groups["address"].model_copy(update={"rule": (rung,)})}})
    said = record("a", source="social", **{field: stated})
    inferred = [record(n, source="shop", day=9, **{field: guessed}, flags=[f"{field}:from_postcode"]) for n in ("b", "c")]
    assert golden(said, *inferred, rules=rules)[0][field] == stated
    assert golden(*inferred, rules=rules)[0][field] == guessed


@pytest.mark.parametrize("field", ["language", "birth_date", "nickname", "company_name"])
@pytest.mark.parametrize("flag", load().flags.inferred)
def test_a_stated_value_of_any_field_goes_before_an_inferred_one(field, flag):
    stated, guessed = {"birth_date": ("1990", "1991-05-17")}.get(field, ("es", "en-inferred"))
    rows = [record(n, source="web", day=900, **{field: guessed}, flags=[f"{field}:{flag}"]) for n in ("b", "c")]
    assert golden(record("a", source="social", **{field: stated}), *rows)[0][field] == stated
