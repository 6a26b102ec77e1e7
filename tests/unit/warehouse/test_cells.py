"""Values on their way into the warehouse."""

from decimal import Decimal

import pandas as pd
import pytest

from include.warehouse.bulk import cells
from include.warehouse.errors import WarehouseRefused


@pytest.mark.parametrize("odd", [1e24, float("inf"), "-Infinity", "9" * 25, "secret"])
def test_a_number_that_cannot_be_stored_is_refused_by_its_field_and_not_its_value(odd: object) -> None:
    with pytest.raises(WarehouseRefused) as refused:
        cells(pd.Series([1, odd], name="amount", dtype=object), "number")
    assert str(refused.value).startswith("A value of amount cannot be stored: it has more than 24 digits before the point")
    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_number_is_kept_to_four_places() -> None:
    assert cells(pd.Series([1.23456, None, "9" * 24], name="amount", dtype=object), "number") == [
        Decimal("1.2346"), None, Decimal("9" * 24),
    ]  # fmt: skip
