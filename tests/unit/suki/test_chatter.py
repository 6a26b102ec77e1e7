"""What libraries say while a step works does not reach the log; what we and Airflow say does."""

import logging
import warnings

import pytest

from suki.chatter import withheld_chatter

VALUE = "canary.person@example.com"


def chatter() -> None:
    logging.getLogger("vendor.client").warning("cannot read %s", VALUE)
    logging.getLogger("vendor.client").error(f"cannot read {VALUE}", exc_info=ValueError(VALUE), stack_info=True)
    warnings.warn(VALUE, stacklevel=1)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]):
    caplog.set_level(logging.INFO)

    def everything() -> str:
        output = capfd.readouterr()
        return caplog.text + output.out + output.err

    return everything


def test_what_a_library_says_is_told_by_its_place_alone(said):
    with withheld_chatter():
        chatter()
    told = said()
    assert VALUE not in told
    assert "vendor.client says something at test_chatter.py:" in told
    assert "UserWarning at test_chatter.py:" in told


def test_our_own_lines_and_airflows_are_told(said):
    with withheld_chatter():
        logging.getLogger("suki.operators.map").info("rows %s", 7)
        logging.getLogger("airflow.task.operators.suki").info("files %s", 8)
    told = said()
    assert "rows 7" in told
    assert "files 8" in told


def test_a_record_can_be_copied(said):
    with withheld_chatter():
        assert logging.makeLogRecord({"name": "vendor.client", "msg": "copied"}).getMessage() == "copied"


def test_afterwards_everything_is_told_again(said):
    with pytest.raises(KeyError), withheld_chatter():
        raise KeyError
    logging.getLogger("vendor.client").warning("cannot read %s", "it")
    told = said()
    assert "cannot read it" in told
