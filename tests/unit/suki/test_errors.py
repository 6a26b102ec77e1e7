import sys

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException, AirflowSkipException

from include.errors import Conflict, DeliveryRefused, GateClosed, SourceUnavailable
from suki.operators.base import TaskFailed, plain_errors


@pytest.mark.parametrize("problem", [SourceUnavailable("no file a.csv"), DeliveryRefused("cut at line 7")])
def test_what_a_retry_may_mend_is_retried(problem):
    with pytest.raises(TaskFailed, match=str(problem)) as caught, plain_errors():
        raise problem
    assert not isinstance(caught.value, AirflowFailException)


@pytest.mark.parametrize("problem", [GateClosed("3 rows"), Conflict("moved on")])
def test_what_a_retry_cannot_mend_fails_at_once(problem):
    with pytest.raises(AirflowFailException, match=str(problem)), plain_errors():
        raise problem


def test_an_unexpected_error_keeps_its_place_and_loses_its_message():
    with pytest.raises(TaskFailed) as caught, plain_errors():
        int("canary.person@example.com")
    assert "canary" not in str(caught.value)
    assert "builtins.ValueError" in str(caught.value)
    assert "test_errors.py" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("how", [sys.exit, lambda text: (_ for _ in ()).throw(AirflowException(text))])
def test_a_library_that_ends_the_task_in_airflows_way_loses_its_message_too(how):
    with pytest.raises(TaskFailed) as caught, plain_errors():
        how("canary.person@example.com")
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "problem", [AirflowSkipException("no record changed"), AirflowNotFoundException("no suki_lake"), SystemExit(1)]
)
def test_what_airflow_must_know_passes_as_it_is(problem):
    with pytest.raises(type(problem)) as caught, plain_errors():
        raise problem
    assert caught.value is problem
