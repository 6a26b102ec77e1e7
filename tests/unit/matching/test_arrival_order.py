"""In whatever order words arrive, customers are the same, every id answers the same, and a run costs what changed."""

from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.naming import Named, partition_differences, resolve_differences
from benchmarks.standing import Standing, at_once, differences
from include.golden.identity import customer_id
from include.matching import ModelSpec, load_spec, train
from tests.unit.matching.factory import households, snapshot
from tests.unit.matching.test_incremental import SPEC, record_id

ROOMY = load_spec()
WEIGHTS = train(households(homes=60)[0], ROOMY)

_EMAILS = ["a@x.org", "b@x.org", "annaberg@x.org"]
_PERSON = st.fixed_dictionaries(
    {"given_key": st.sampled_from(["anna", "anne marie", "ben"]), "family_key": st.sampled_from(["berg", "santos"])},
    optional={
        "birth_date": st.sampled_from(["1990-05-03", "1990-03-05", "1984-11-20"]),
        "email_keys": st.lists(st.sampled_from(_EMAILS), max_size=2),
        "phones": st.lists(st.sampled_from(["+4930111222", "+4930999000"]), max_size=1),
        "street_key": st.just("main street"),
        "house_number": st.sampled_from(["1", "2"]),
        "postcode": st.just("10115"),
    },
)
Word = tuple[int, int, dict[str, Any] | None]
"""Record, the moment its source said so, and what; None: it is gone."""


class History:
    """Words as they arrive, resolved batch by batch."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec, self.heard, self.named = spec, dict[int, dict[int, dict[str, Any] | None]](), Named()
        self.standing: Standing | None = None

    def hear(self, words: list[Word]) -> dict[str, int]:
        for record, moment, person in words:
            self.heard.setdefault(record, {})[moment] = person
        rows, took = self.rows(), dict[str, int]()
        if self.standing is None:
            if rows.empty:
                return took
            self.standing = Standing(self.spec, WEIGHTS, rows)
        else:
            marked = pd.Index(sorted({record_id(record) for record, _, _ in words}), dtype=object)
            took = self.standing.resolve(rows, marked)
        self.named.take(rows, self.standing.members)
        return took

    def rows(self) -> pd.DataFrame:
        """The live records: the latest word on each counts, and it is as old as the earliest."""
        live = {record: (min(said), said[max(said)]) for record, said in self.heard.items()}
        held = sorted((record_id(record), first, person) for record, (first, person) in live.items() if person is not None)
        moments = [pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=first) for _, first, _ in held]
        found = snapshot(*[{"record_id": one, "region": "eu", **person} for one, _, person in held])
        return found.assign(first_source_time=pd.Series(moments, index=found.index, dtype="datetime64[ns, UTC]"))

    def all_at_once(self) -> Named:
        named, rows = Named(), self.rows()
        named.take(rows, at_once(rows, self.spec, WEIGHTS).members)
        return named


def told(spec: ModelSpec, batches: list[list[Word]]) -> History:
    history = History(spec)
    for batch in batches:
        history.hear(batch)
    return history


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[list[Word]], list[list[Word]]]:
    """The same words twice, each time in another order and other batches."""
    keys = draw(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), min_size=4, max_size=24, unique=True))
    words: list[Word] = [(*key, draw(st.one_of(_PERSON, _PERSON, _PERSON, st.none()))) for key in keys]

    def batches() -> list[list[Word]]:
        order, size = draw(st.permutations(words)), draw(st.integers(2, 12))
        return [order[start : start + size] for start in range(0, len(order), size)]

    return batches(), batches()


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(arrivals=_arrivals(), roomy=st.booleans())
def test_two_orders_of_arrival_and_one_delivery_of_all_end_in_the_same_customers_and_answers(
    arrivals: tuple[list[list[Word]], list[list[Word]]], roomy: bool
) -> None:
    one, other = (told(ROOMY if roomy else SPEC, batches) for batches in arrivals)
    if one.rows().empty:
        return
    histories = [one.named, other.named, one.all_at_once()]
    for named in histories[1:]:
        assert (partition_differences(one.named, named), resolve_differences(one.named, named)) == (0, 0)
    again = told(one.spec, arrivals[0])
    assert again.named.as_written() == one.named.as_written(), "the same batches in their order give the same ids"


def test_the_id_of_a_record_that_is_gone_answers_for_whoever_was_one_customer_with_it():
    """Published together, the one that stays bears the id on; never published together, nobody does."""
    gone, stays = (customer_id(record_id(number)) for number in (4, 0))
    apart = told(ROOMY, [[(4, 1, ANNA)], [(4, 2, None), (0, 5, ANNA)]]).named
    together = told(ROOMY, [[(4, 1, ANNA), (0, 5, ANNA)], [(4, 2, None)]]).named
    assert (apart.resolved()[gone], together.resolved()[gone]) == (None, {record_id(0)})
    assert stays not in together.resolved(), "it was never published, and means whoever holds its record"
    assert (partition_differences(apart, together), resolve_differences(apart, together)) == (0, 0)


ANNA = {
    "given_key": "anna",
    "family_key": "berg",
    "birth_date": "1990-05-03",
    "email_keys": ["a@x.org"],
    "phones": ["+4930111222"],
}
BEN = {
    "given_key": "ben",
    "family_key": "santos",
    "birth_date": "1984-11-20",
    "email_keys": ["b@x.org"],
    "phones": ["+4930999000"],
}


def _crowd(count: int, first: int = 100) -> list[Word]:
    """People who have nothing to do with anybody."""
    return [
        (first + number, 0, {"given_key": f"given{number}", "family_key": f"family{number}", "email_keys": [f"{number}@z.org"]})
        for number in range(count)
    ]


def test_a_merge_that_a_correction_takes_back_gives_both_their_own_id_again_and_reads_only_them():
    history = told(ROOMY, [[*_crowd(60), (0, 1, ANNA), (1, 2, BEN)]])
    ids = [customer_id(record_id(number)) for number in (0, 1)]
    took = history.hear([(1, 3, ANNA)])
    resolved = history.named.resolved()
    assert resolved[ids[0]] == resolved[ids[1]] == {record_id(0), record_id(1)}
    assert (took["pairs"], took["rows_read"]) == (1, 5), "the changed record, both ends of its one pair, and the two grouped anew"
    took = history.hear([(1, 4, BEN)])
    resolved = history.named.resolved()
    assert [resolved[one] for one in ids] == [{record_id(0)}, {record_id(1)}]
    assert (took["pairs"], took["rows_read"]) == (0, 3)


def test_a_late_older_record_joins_the_customer_and_renames_nobody():
    history = told(ROOMY, [[*_crowd(60), (0, 5, ANNA)]])
    took = history.hear([(1, 1, ANNA)])
    assert history.named.resolved()[customer_id(record_id(0))] == {record_id(0), record_id(1)}
    assert took["pairs"] == 1
    assert resolve_differences(history.named, history.all_at_once()) == 0


def test_a_late_older_word_on_a_record_weighs_nothing_again():
    history = told(ROOMY, [[*_crowd(60), (0, 5, ANNA), (1, 5, BEN)]])
    before = history.named.as_written()
    history.hear([(1, 1, ANNA)])
    assert history.named.as_written() == before


def test_a_value_that_becomes_common_has_the_pairs_of_its_holders_weighed_again_and_no_others():
    """Three agree on a name; a fourth doubles how common it is. Pairs of people who do not bear it are left alone."""
    name = {"given_key": "odalys", "family_key": "quintero"}
    bearers: list[Word] = [(number, 0, {**name, "birth_date": f"19{70 + number}-01-0{number + 1}"}) for number in range(3)]
    others: list[Word] = [(20, 0, ANNA), (21, 0, ANNA)]
    history = told(ROOMY, [[*_crowd(60), *bearers, *others]])
    assert history.standing is not None
    took = history.hear([(3, 1, {**name, "birth_date": "1999-09-09"})])
    assert took["values_crossing"] > 0
    assert took["pairs"] == 6, "of four bearers"
    assert took["records_regrouped"] <= 4
    bulk = at_once(history.rows(), ROOMY, WEIGHTS)
    assert differences(history.standing, bulk) == {"edges": 0, "records": 0}
    assert took["pairs"] < bulk.pairs + 6
