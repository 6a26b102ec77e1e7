import pytest
from airflow.sdk.exceptions import AirflowFailException

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
