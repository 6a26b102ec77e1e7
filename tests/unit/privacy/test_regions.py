"""Every record has a region, and regions are compared only as declared."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from babel.core import Locale

from include.errors import DeclarationError
from include.privacy.regions import comparable, load_regions, region_of


def test_every_country_has_a_region() -> None:
    declared = load_regions().of_country()
    countries = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    # Not countries: groups and pseudo-codes of CLDR, and reserved codes of islands without people.
    nobody = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
    assert countries - nobody <= set(declared)


def test_the_region_is_the_countrys_else_the_defaults_else_the_declared_unknown() -> None:
    country = pd.Series(["PH", "DE", None, "??"], dtype=object)
    assert list(region_of(country, "JP")) == ["asia_pacific", "europe", "asia_pacific", "asia_pacific"]
    assert list(region_of(country, None))[2:] == ["europe", "europe"]


def test_a_column_without_any_country_gets_the_default_region() -> None:
    assert list(region_of(pd.Series([None, None], dtype=object), "US")) == ["americas", "americas"]
    assert list(region_of(pd.Series([], dtype=object), "US")) == []


def test_as_shipped_all_regions_are_compared() -> None:
    assert len(comparable()) == len(load_regions().regions) ** 2


def declared(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "regions.yml"
    policy = {"regions": {"a": ["DE"], "b": ["US"]}, "unknown": "a", "comparable": [["a"], ["b"]]}
    path.write_text(yaml.safe_dump({**policy, **changes}))
    return path


def test_splitting_the_group_forbids_the_comparison(tmp_path: Path) -> None:
    assert comparable(load_regions(declared(tmp_path))) == {("a", "a"), ("b", "b")}


def test_a_region_in_no_group_is_still_compared_with_itself(tmp_path: Path) -> None:
    assert comparable(load_regions(declared(tmp_path, comparable=[]))) == {("a", "a"), ("b", "b")}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"unknown": "c"}, "unknown: 'c' is no declared region"),
        ({"comparable": [["a", "c"]]}, "comparable: 'c'"),
        ({"regions": {"a": ["DE"], "b": ["DE"]}}, "DE stands in a and b"),
        ({"regions": {"a": ["Germany"], "b": []}}, "regions.a.0"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(DeclarationError, match=named):
        load_regions(declared(tmp_path, **changes))
