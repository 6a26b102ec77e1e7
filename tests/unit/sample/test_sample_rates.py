import pytest
import yaml

from sample.rates import FOLDER, RatesError, load


def written(tmp_path, change):
    plain = yaml.safe_load((FOLDER / "rates.yml").read_text(encoding="utf-8"))
    change(plain)
    path = tmp_path / "rates.yml"
    path.write_text(yaml.safe_dump(plain), encoding="utf-8")
    return path


def test_a_wrong_key_is_refused_with_file_key_and_valid_keys(tmp_path):
    path = written(tmp_path, lambda plain: plain["mess"]["name_typo"].update(store_post=0.1))
    with pytest.raises(RatesError) as refused:
        load(path)
    assert str(refused.value) == (
        "rates.yml: mess.name_typo.store_post: unknown key. Valid: online_sales, store_pos, leads, profiles, support."
    )


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda plain: plain["people"].update(twins=1.5), "people.twins"),
        (lambda plain: plain["delivery"].pop("late"), "delivery.late"),
        (lambda plain: plain["delivery"].update(truncated_on=0), "delivery"),
        (lambda plain: plain["world"].update(people=0), "world.people"),
    ],
)
def test_a_wrong_value_names_its_key(tmp_path, change, key):
    with pytest.raises(RatesError) as refused:
        load(written(tmp_path, change))
    assert refused.value.key == key


def test_rates_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        load().people.twins = 0.9
