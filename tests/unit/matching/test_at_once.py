"""What is read of many words at once is what is read of each of them alone."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from include.matching import encode, load_spec
from include.matching.features import dates_of, names_of
from include.matching.similarity import is_short_form
from include.matching.sounds import sound
from include.matching.table import postcode_areas

_DATES = st.lists(
    st.from_regex(r"\A([0-9]{4}|-)(-[0-9]{1,2}){0,2}\Z") | st.text("0123456789-x", max_size=11), min_size=1, max_size=9
)


def number(text: str, most: int) -> int:
    return int(text) if text.isdigit() and int(text) <= most else 0


@given(_DATES)
@example(["1990-05-03", "1990-05", "1990", "--05-03", "1990-13-40", "1990-0x-03", "", "-05-03"])
def test_dates_are_read_part_by_part(dates):
    table = encode(pd.DataFrame({"record_id": [f"{i}" for i in range(len(dates))], "birth_date": dates}), load_spec())
    parts, digits, regular = dates_of(table)
    for code, word in enumerate(table.words["birth_date"]):
        year, month, day = (
            (*word.removeprefix("-").split("-"), "", "")[:3] if word.startswith("--") else (*word.split("-"), "", "")[:3]
        )
        known = (number(year, 9999), number(month, 12), number(day, 31))
        written = re.sub(r"\D", "", word)
        assert tuple(parts[:, code]) == known, word
        assert digits.texts[code].as_py() == (written if len(written) > 6 else ""), word
        assert regular[code] == (all(known) and "{:04}{:02}{:02}".format(*known) == written), word


@given(st.lists(st.text("ab1 é", max_size=9), max_size=9))
def test_the_district_of_a_postcode_is_its_first_half(postcodes):
    found = postcode_areas(pa.array(postcodes, pa.string())).to_pylist()
    assert found == [code[: (len(code) + 1) // 2] for code in postcodes]


@given(st.lists(st.text("nmkaedt", max_size=12), max_size=9))
@example(["annnnna", "kkkkk", "aaaa", ""])
def test_a_sound_has_no_letter_twice_in_a_row(names):
    for name, found in zip(names, sound(pa.array(names, pa.string())).to_pylist(), strict=True):
        heard = name[:1] + re.sub("[aeiouywh]", "", name[1:])
        heard = heard.replace("d", "t").replace("m", "n")
        assert found == (re.sub(r"(.)\1+", r"\1", heard)[:5] or None), name


def test_names_related_in_a_table_are_found_whatever_else_is_there():
    names = ["bob", "robert", "alexei", "aleksey", "alyosha", "smith", "kowalskiy", "anna"]
    frame = pd.DataFrame({"record_id": [f"{i}" for i in range(len(names))], "given_key": names, "family_key": "x"})
    table = encode(frame, load_spec())
    read, codes = names_of(table), table.column("given")
    x, y = (side.ravel() for side in np.meshgrid(codes, codes))
    told = [is_short_form(names[i], names[j]) for j in range(len(names)) for i in range(len(names))]
    assert read.short_form(x, y).tolist() == told
    assert any(told)
