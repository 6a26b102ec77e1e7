"""A run says what it would change before it publishes; what was approved is published only if it is still what was shown."""

import pytest

from include.errors import Conflict
from include.golden.identity import customer_id
from include.warehouse import diffs
from include.warehouse.publish import CHANGES, Publication, publish, weigh
from tests.integration.warehouse.conftest import Warehouse, record
from tests.integration.warehouse.stories import Story

pytestmark = pytest.mark.integration


@pytest.fixture
def story(warehouse: Warehouse) -> Story:
    return Story(warehouse, born={"z": 1})


@pytest.mark.parametrize("only_touched", [False, True], ids=["whole", "part"])
def test_what_is_weighed_is_what_publishing_then_does(story: Story, only_touched: bool) -> None:
    story.run("ab c d e")
    before = story.warehouse.query("SELECT count(*) FROM golden.customer_change")
    publication = story.prepared("a b cd", only_touched=only_touched, changed={"a": "Another"})
    diff = weigh(story.warehouse.resolver, publication)
    assert story.warehouse.query("SELECT count(*) FROM golden.customer_change") == before
    assert diff is not None
    assert diff["customers_before"] == 4
    assert diff["changes"] == {"created": 0, "updated": 2, "merged": 1, "split": 1, "retired": 1, "redirected": 0}
    assert diff["fields"]["emails"] == 2
    assert diff["examples"]["retired"] == [customer_id(record("e"))]
    report = publish(story.warehouse.resolver, publication)
    assert {name: report.counts[name] for name in CHANGES} == diff["changes"]
    told = story.warehouse.query(
        "SELECT field, count(*) FROM golden.customer_change, unnest(fields) AS f (field)"
        " WHERE sequence = :s AND change = 'updated' GROUP BY 1",
        s=report.sequence,
    )
    assert dict(told) == diff["fields"]
    assert weigh(story.warehouse.resolver, publication) is None, "it is published: nothing is left to weigh"


def test_consent_is_lost_by_who_said_yes_and_would_not_any_more(story: Story) -> None:
    story.run("a b c d")
    story.warehouse.query("UPDATE golden.customer SET email_consent = true RETURNING 1")
    publication = story.prepared("ab c")
    kept = publication.customers.assign(email_consent=publication.customers["customer_id"] == customer_id(record("c")))
    diff = weigh(story.warehouse.resolver, Publication(**{**vars(publication), "customers": kept}))
    assert diff is not None
    lost = {"email": 3, "sms": 0, "phone": 0, "post": 0, "profiling": 0}
    assert diff["consent_lost"] == lost, "a, who became ab; b, who merged into it; d, who is gone"


def held(story: Story, partition: str) -> tuple[Publication, diffs.Held]:
    publication = story.prepared(partition)
    bind = story.warehouse.resolver
    diff = weigh(bind, publication)
    assert diff is not None
    weighed = diffs.Weighed(
        publication.resolve_id, "resolve_customers", publication.run_id, publication.base_resolve_id, diff, ["too many"],
        publication.marks["mark_id"].tolist(), {"resolve_id": publication.resolve_id, "decided_by": "limits"},
    )  # fmt: skip
    diffs.keep(bind, weighed)
    diffs.keep(bind, weighed)  # tried again
    return publication, diffs.held(bind, publication.resolve_id)


def test_what_was_approved_is_published_if_nothing_changed_since(story: Story) -> None:
    story.run("a b c")
    publication, asked = held(story, "abc")
    report = publish(story.warehouse.resolver, publication, approved=asked.diff["changes"])
    assert report.counts["merged"] == 2
    again = publish(story.warehouse.resolver, publication, approved=asked.diff["changes"])
    assert (again.fresh, again.content_hash) == (False, report.content_hash)
    assert diffs.held(story.warehouse.resolver).resolve_id == publication.resolve_id, "a retry of its publication finds it"


def test_what_was_approved_is_not_published_once_something_landed(story: Story) -> None:
    story.run("a b c")
    publication, asked = held(story, "abc")
    story.prepared("abc d")
    with pytest.raises(Conflict, match=r"\d records changed since this run was held"):
        publish(story.warehouse.resolver, publication, approved=asked.diff["changes"])
    assert story.warehouse.query("SELECT count(*) FROM golden.customer") == [(3,)]
    story.run("abc d")
    assert story.warehouse.query("SELECT count(*) FROM golden.customer") == [(2,)], "a later run takes in what was held"
    with pytest.raises(Conflict, match="no longer applies: another was published"):
        diffs.held(story.warehouse.resolver, publication.resolve_id)


def test_what_was_approved_is_not_published_where_it_would_change_something_else(story: Story) -> None:
    story.run("a b c")
    publication, asked = held(story, "abc")
    with pytest.raises(Conflict, match="not what publishing would change now"):
        publish(story.warehouse.resolver, publication, approved={**asked.diff["changes"], "merged": 1})


def test_the_same_marks_on_the_same_state_are_known_as_held_already(story: Story) -> None:
    story.run("a b c")
    publication, _ = held(story, "abc")
    bind, marks = story.warehouse.resolver, publication.marks["mark_id"].tolist()
    assert diffs.held_with(bind, publication.base_resolve_id, reversed(marks), "limits") == publication.run_id
    assert diffs.held_with(bind, publication.base_resolve_id, [*marks, 10_000], "limits") is None
    assert diffs.held_with(bind, None, marks, "limits") is None
    assert diffs.held_with(bind, publication.base_resolve_id, marks, "other limits") is None


def test_a_held_run_that_is_not_there_is_told_in_a_sentence(story: Story) -> None:
    bind = story.warehouse.resolver
    with pytest.raises(diffs.NotHeld, match="No run is held"):
        diffs.held(bind)
    with pytest.raises(diffs.NotHeld, match="'abc' is no id of a resolve run"):
        diffs.held(bind, "abc")
