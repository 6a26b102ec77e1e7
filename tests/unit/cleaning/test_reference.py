"""Country packs and reference data: whole, checked, and one file a country."""

import re

import pytest

from include.cleaning import reference
from include.cleaning.phones import clean_phones
from include.errors import DeclarationError

STORES = ("PH", "JP", "US", "DE", "BR", "PL", "EG", "CN", "TW", "HK", "KR", "ES", "MX", "FR", "GB", "GR", "TH", "IN")


def test_every_store_country_has_a_pack():
    assert set(STORES) <= set(reference.countries())


@pytest.mark.parametrize("code", reference.countries())
def test_a_pack_is_valid_and_its_patterns_compile(code):
    pack = reference.country(code)
    assert pack is not None
    assert pack.postcode.none or re.compile(pack.postcode.pattern).groups
    for pattern in pack.phone_legacy:
        re.compile(pattern)
    assert all(subdivision.startswith(f"{code}-") for subdivision in pack.subdivisions)


def test_a_country_without_a_pack_is_none_and_no_error():
    assert reference.country("ZW") is None
    assert clean_phones("+263 77 123 4567", "ZW").value == ("+263771234567",)


def test_a_wrong_key_names_file_key_and_valid_keys(tmp_path, monkeypatch):
    (tmp_path / "countries").mkdir()
    (tmp_path / "countries" / "XX.yml").write_text("name: Nowhere\ndail: '1'\n")
    monkeypatch.setattr(reference, "DATA", tmp_path)
    monkeypatch.setattr(reference, "countries", lambda: ("XX",))
    with pytest.raises(DeclarationError, match=r"countries/XX\.yml: .*Valid: name, aliases, dial"):
        reference.country.__wrapped__("XX")


@pytest.mark.parametrize("path", sorted(reference.DATA.glob("*.yml")), ids=lambda path: path.stem)
def test_yaml_did_not_read_a_word_as_a_boolean(path):
    # "no" is a Korean surname, "on" a Cantonese syllable, NO a country
    def words(node):
        if isinstance(node, dict):
            for key, value in node.items():
                yield key
                if not isinstance(value, bool):
                    yield from words(value)
        elif isinstance(node, list):
            for value in node:
                yield from words(value)
        else:
            yield node

    plain = [word for word in words(reference.table(path.stem)) if isinstance(word, bool)]
    allowed = 12 if path.stem == "emails" else 0  # dots: true
    assert len(plain) <= allowed
