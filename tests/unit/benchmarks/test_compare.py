"""`make bench` holds every system against the same truth and names a set it does not know."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import compare
from benchmarks.compare import Prepared, Result
from benchmarks.systems.plain_recordlinkage import resolve
from benchmarks.systems.process import Stopwatch
from benchmarks.systems.suki_plain import plain
from include.matching import load_spec


def test_an_unknown_set_is_named_with_the_valid_ones(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr("sys.argv", ["compare", "--sets", "febrl3", "febrl9"])
    assert compare.main() == 1
    assert capsys.readouterr().err.startswith("No set is named febrl9. Valid: fake_1000, febrl1, febrl2, febrl3,")


def test_times_are_held_against_splinks_own_in_the_same_run():
    took = {"cpu": 2.0, "peak_memory_mb": 1234}
    ours_ran = Result("suki_core", 0.98765, 0.9, 7, {"all": 3.0, **took})
    theirs_ran = Result("splink5", 0.9, 0.9, 9, {"all": 12.0, **took})
    results = [ours_ran, theirs_ran, "R: failed"]
    ours, theirs, failed = compare._lines("a_set", Prepared(Path(), pd.Series(dtype=object), 4.25), results)
    assert ours == "| a_set | Suki | 0.9877 | 0.9000 | 7 | 3.0 | 2.0 | 0.25 | 1,234 | 4.2 |"
    assert theirs == "| a_set | Splink 5.0 | 0.9000 | 0.9000 | 9 | 12.0 | 2.0 | 1.00 | 1,234 |  |"
    assert failed.startswith("| a_set | R: failed |")


def test_plain_recordlinkage_links_what_agrees():
    people = [
        ("ana", "cruz", "1990-05-17"),
        ("bo", "li", "1985-01-02"),
        ("carla", "dias", "1971-11-30"),
        ("dan", "ek", "1966-07-08"),
    ] * 2
    columns = ["given_key", "family_key", "birth_date", "postcode", "email_keys", "phones", "company_name", "full_name"]
    rows = [[*person, f"100{i % 2}", [], [], None, None] for i, person in enumerate(people)]
    snapshot = pd.DataFrame(rows, columns=columns)
    labels = resolve(snapshot, Stopwatch())
    assert labels.nunique() == 4
    assert (labels.iloc[:4].to_numpy() == labels.iloc[4:].to_numpy()).all()


def test_the_plain_model_is_the_declared_one_with_less_in_it():
    whole, less = load_spec(), plain(load_spec())
    assert less.comparisons.items() < whole.comparisons.items()
    assert set(less.blocking) < set(whole.blocking)
    assert len(less.blocking) == 12
    assert less.clustering == whole.clustering
