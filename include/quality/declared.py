"""The words a suite is written in: expectations, derived columns and measures, as frozen models that reject unknown keys."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ROW_TYPES: tuple[str, ...] = (
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_json_parseable",
    "expect_column_values_to_be_null",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_match_strftime_format",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_not_match_regex",
    "expect_column_values_to_not_match_regex_list",
    "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
)
"""Types that judge a row by itself. Those that look at other rows (unique, increasing, outliers) would depend on how the
batch is cut into chunks; what they ask is a measure of the batch (``duplicates``, ``largest_share``), judged at batch level."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Declared(BaseModel):
    """What every part of a declaration is: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def _needs_exactly_one(self, forms: tuple[str, ...]) -> Self:
        if sum(getattr(self, form) is not None for form in forms) != 1:
            raise ValueError(f"needs exactly one of {', '.join(forms)}")
        return self


class Where(Declared):
    """Which rows an expectation speaks about: those whose ``column`` equals a value, or has one at all."""

    column: str
    equals: bool | str | None = None
    filled: bool | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        return self._needs_exactly_one(("equals", "filled"))


class Derived(Declared):
    """A column the gate computes before judging, because no expectation can ask it of the delivered columns. Exactly one is set.

    Attributes:
        filled: How many of these columns hold something (an empty list holds nothing).
        length: Characters of a text, or number of texts in a list.
        days_between: Days from the first column to the second, negative if it lies before.
        year_of: Year of a date text that may be partial; null where it has no year.
        instant: The column as a UTC timestamp, whatever it is delivered as.
    """

    filled: tuple[str, ...] | None = None
    length: str | None = None
    days_between: tuple[str, str] | None = None
    year_of: str | None = None
    instant: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        return self._needs_exactly_one(tuple(type(self).model_fields))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it is computed from."""
        single = [column for column in (self.length, self.year_of, self.instant) if column]
        return (*(self.filled or ()), *(self.days_between or ()), *single)


class ValueShare(Declared):
    """Share of rows whose column holds one of these values."""

    column: str
    values: tuple[bool | int | str, ...]


class MixedGroups(Declared):
    """Number of groups (equal ``group``) that hold two values of ``by`` not ``allowed`` together; ``allowed`` names a fact."""

    group: str
    by: str
    allowed: str


class Measure(Declared):
    """A figure gathered while the batch streams by, which batch-level expectations judge. Exactly one form is set.

    A window of many days brings a record as often as it was delivered. What is meant of records and not of rows is ``once_per``
    them: else a window whose days are all well is judged otherwise than its days.

    Attributes:
        null_share: Share of rows in which the column holds nothing.
        value_share: Share of rows in which a column holds one of some values.
        value_rows: The same, as a number of rows.
        duplicates: Rows beyond the first with equal values in these columns. Rows with a null among them are not counted.
        duplicate_share: The same, as a share of all rows.
        distinct: Number of different values.
        largest_group: Rows that hold the most common value.
        largest_share: The same, as a share of the rows that hold a value.
        rows_per_value: Mean number of rows a different value.
        shared_share: Share of the rows with a value whose value at least one other row has.
        shared_rows: The same, as a number of rows.
        mixed_groups: Groups that hold values not allowed together.
        earliest: Least timestamp.
        latest: Greatest timestamp.
        fact: A figure the caller brings.
        share_of: First measure divided by the second; null when the second is 0.
        sum: Both measures together.
        difference: First measure minus the second.
        once_per: With ``largest_share``: a value counts once for each value of this column, and ``least_rows`` counts these.
        least_rows: Below this many rows the measure is not taken (null passes): a share of a handful says nothing.
    """

    null_share: str | None = None
    value_share: ValueShare | None = None
    value_rows: ValueShare | None = None
    duplicates: tuple[str, ...] | None = None
    duplicate_share: tuple[str, ...] | None = None
    distinct: str | None = None
    largest_group: str | None = None
    largest_share: str | None = None
    rows_per_value: str | None = None
    shared_share: str | None = None
    shared_rows: str | None = None
    mixed_groups: MixedGroups | None = None
    earliest: str | None = None
    latest: str | None = None
    fact: str | None = None
    share_of: tuple[str, str] | None = None
    sum: tuple[str, str] | None = None
    difference: tuple[str, str] | None = None
    once_per: str | None = None
    least_rows: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.once_per and not self.largest_share:
            raise ValueError("once_per: goes with largest_share")
        return self._needs_exactly_one(tuple(name for name in type(self).model_fields if name not in ("once_per", "least_rows")))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it is gathered from."""
        of_values = (
            self.distinct,
            self.largest_group,
            self.largest_share,
            self.rows_per_value,
            self.shared_share,
            self.shared_rows,
        )
        found = [column for column in (self.null_share, *of_values, self.once_per, self.earliest, self.latest) if column]
        found += [*(self.duplicates or ()), *(self.duplicate_share or ())]
        found += [declared.column for declared in (self.value_share, self.value_rows) if declared]
        if self.mixed_groups:
            found += [self.mixed_groups.group, self.mixed_groups.by]
        return tuple(found)

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures it is computed from."""
        return (*(self.share_of or ()), *(self.sum or ()), *(self.difference or ()))

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts it needs."""
        return tuple(name for name in (self.fact, self.mixed_groups.allowed if self.mixed_groups else None) if name)


class Fault(Declared):
    """What an expectation is there to notice: these values, in one row or in a share of the rows.

    Attributes:
        values: Column of the frame > what it holds then.
        share: Of the rows; None: one of them.
    """

    values: Annotated[dict[str, Any], Field(min_length=1)]
    share: Annotated[float, Field(gt=0, le=1)] | None = None


class Learned(Declared):
    """Bounds that follow from what the stream brought on the same weekday before, where a fixed number would be wrong.

    The middle is the median of those days, and a figure may lie ``spread`` robust deviations from it: the median absolute
    deviation, scaled to a normal distribution's standard one, and never less than what chance alone makes of that many rows.

    Attributes:
        spread: Deviations a figure may lie from the median.
        tolerance: What is always allowed: of a count this share of the median, of a share this much of it.
        least: Earlier days of that weekday below which nothing is judged.
        most: Earlier days of that weekday that count, the latest first.
        side: Which side is judged.
    """

    spread: float = Field(default=6, gt=0)
    tolerance: float = Field(gt=0)
    least: int = Field(default=4, ge=3)
    most: int = Field(default=12, ge=3)
    side: Literal["both", "below", "above"] = "both"


class Expectation(Declared):
    """One thing that must hold.

    Attributes:
        id: Its name in results, in quarantine and on the report.
        type: The Great Expectations type that judges it.
        kwargs: That type's own arguments. ``{set: countries}`` stands for a set of ``sets.yml``, ``{fact: name}`` for what the
            caller brings. At batch level ``column`` names a measure.
        level: ``row``: a row that fails goes to quarantine. ``batch``: a batch that fails closes the gate.
        severity: ``warning`` only tells: its rows go on and it closes nothing.
        reason: In plain words, what goes wrong downstream if it does not hold.
        owner: Whom to ask, if not the suite's owner.
        mostly: Row level: if less than this share of the rows holds it, the gate closes. Without it, only the suite's
            ``max_quarantined_share`` limits how many rows may fail.
        where: Row level: only these rows are judged.
        streams: Only batches of these streams are judged (empty: of all).
        learned: Batch level: its bounds are learned from the stream's history instead of written in ``kwargs``.
        broken_by: A fault that breaks it. The tests bring it about in a sound batch, and what one source adds must have one.
    """

    id: Slug
    type: Literal[ROW_TYPES]  # type: ignore[valid-type]
    kwargs: dict[str, Any]
    level: Literal["row", "batch"]
    severity: Literal["critical", "warning"] = "critical"
    reason: Annotated[str, Field(min_length=20)]
    owner: str | None = None
    mostly: Annotated[float, Field(gt=0, lt=1)] | None = None
    where: Where | None = None
    streams: tuple[Slug, ...] = ()
    learned: Learned | None = None
    broken_by: Fault | None = None

    @field_validator("kwargs")
    @classmethod
    def _columns_are_names(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        for key in ("column", "column_A", "column_B"):
            is_name = isinstance(kwargs.get(key, ""), str)
            if not is_name:
                raise ValueError(f"{key} must be the name of a column")
        listed = kwargs.get("column_list", [])
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise ValueError("column_list must be a list of columns' names")
        return kwargs

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns (at batch level: measures) it judges, the condition's included."""
        singles = [self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs]
        condition = [self.where.column] if self.where else []
        return tuple(dict.fromkeys([*singles, *self.kwargs.get("column_list", ()), *condition]))

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts its arguments need."""
        return tuple(v["fact"] for v in self.kwargs.values() if isinstance(v, dict) and set(v) == {"fact"})


class Part(Declared):
    """What a suite and a source's additions to it have in common."""

    suite: Slug
    facts: dict[Slug, str] = {}
    derived: dict[Slug, Derived] = {}
    measures: dict[Slug, Measure] = {}
    expectations: tuple[Expectation, ...] = ()


class Additions(Part):
    """What one source asks beyond the shared suite. It can set its own quarantine limit, never drop an expectation."""

    max_quarantined_share: Share | None = None


class Suite(Part):
    """What must hold at one stage.

    Attributes:
        suite: Its name, which is also the name of the frame it judges.
        about: What the stage promises to the next one, in one sentence.
        owner: Whom to ask when it does not hold; ``source``: whoever answers for the source that is judged.
        max_quarantined_share: If more of the rows than this fail, the batch as a whole is not to be trusted and the gate closes.
        quarantine_allowance: This many rows may always fail, whatever their share: three bad rows of ten stop no day.
        facts: What the caller brings, with its meaning.
        derived: Columns computed for judging only.
        measures: Figures gathered over the batch.
        expectations: What must hold.
    """

    about: str
    owner: Annotated[str, Field(min_length=1)]
    max_quarantined_share: Share
    quarantine_allowance: int = Field(default=0, ge=0)


BUILT_IN_MEASURES: tuple[str, ...] = ("rows", "quarantined", "quarantined_share", "missing_columns")
"""Measures every batch has without declaring them."""
