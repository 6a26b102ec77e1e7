"""What a ``source.yml`` may say, as frozen models. docs/sources.md explains every key with an example."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from include.sources.clock import DateOrder

Scalar = str | bool | int | float | None
Share = Annotated[float, Field(ge=0, le=1)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
PATTERNS = {r"^/": "must begin with /", r"\{since\}": "must hold {since}"}
"""What a text must be, in words, by its pattern."""

DATE = re.compile(r"\{date:([^{}]+)\}")
SCOPE = "{scope}"
FILE = "{file}"


class Declared(BaseModel):
    """Common ground: frozen, and a key nobody knows is an error. Inputs stay out of error messages."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True, populate_by_name=False)


class Scope(Declared):
    """One part of a source that delivers files of its own, such as a store.

    Attributes:
        name: What people call it.
        country: ISO 3166-1 alpha-2: whose phone numbers and addresses it writes down without saying so.
        currency: ISO 4217 of its amounts.
        timezone: IANA zone of its clock.
        date_order: How it writes all-numeric dates.
    """

    name: str
    country: Country
    currency: Currency
    timezone: str
    date_order: DateOrder


class FilePattern(Declared):
    """Where a stream's file of one day lies, relative to the source's folder under the exports root.

    Attributes:
        pattern: Path with ``{date:%Y-%m-%d}`` and, for a file a scope, ``{scope}`` in its last part. Without a date it is a
            standing file, written over at each export: a run takes it once, as of the last day of its window.
        mode: ``changes`` holds what changed that day; ``snapshot`` holds everything, so what it lacks is gone.
        optional: Whether a day without it is no reason to wait. A stream's patterns are alternatives: a day needs one of them.
        done: Name of the file beside it that says it is whole, such as ``_SUCCESS`` or ``{file}.done``; without that the file
            does not count as there. Null waits for none.
    """

    pattern: str
    mode: Literal["changes", "snapshot"] = "changes"
    optional: bool = False
    done: Annotated[str, Field(min_length=1)] | None = None

    @property
    def standing(self) -> bool:
        """Whether one file stands for every day."""
        return not DATE.search(self.pattern)


class Mapping(Declared):
    """How one canonical field gets its value: exactly one form, then refinements in the order below.

    A plain text is short for ``path``. Every form gives texts; a field of one text takes the first, a field of texts all.

    Attributes:
        path: Where the value lies in the raw record, see ``include.sources.paths``.
        first_of: The first of these that gives something.
        all_of: Everything these give.
        join: The first text of each of these, joined by ``with``; parts that give nothing are left out.
        value: A constant.
        scope: A property of the file's scope; ``code`` is its key.
        total: Path to numbers to be added up.
        minor: Path to an amount in the smallest unit of its currency, such as cents; gives it in the currency's own unit.
        object: A JSON object of these members (for fields of type json).
        glue: ``with``: what ``join`` puts between.
        whole: ``join`` gives nothing unless every part gives something.
        strip_prefix: Taken off the front where it is there.
        table: ``values``: from raw to canonical values, case aside; null empties on purpose. A value not in it is kept and noted.
        prefix: Put in front.
        zone: Path to an IANA time zone for a time without one; else the scope's, else the stream's.
        currency: Of ``minor``: path to the ISO 4217 code, which says how many of them make a unit.
    """

    path: str | None = None
    first_of: "tuple[Mapping, ...] | None" = Field(None, strict=False)
    all_of: "tuple[Mapping, ...] | None" = Field(None, strict=False)
    join: "tuple[Mapping, ...] | None" = Field(None, strict=False)
    value: Scalar = None
    scope: Literal["code", "name", "country", "currency", "timezone"] | None = None
    total: str | None = None
    minor: str | None = None
    object: "dict[str, Mapping] | None" = None
    glue: str = Field(" ", alias="with")
    whole: bool = False
    strip_prefix: str | None = None
    table: dict[str, Scalar] | None = Field(None, alias="values")
    prefix: str | None = None
    zone: str | None = None
    currency: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"path": data} if isinstance(data, str) else data

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that are declared; a sound mapping has exactly one."""
        return tuple(form for form in FORMS if getattr(self, form) is not None)

    @cached_property
    def form(self) -> str:
        """The form of a sound mapping."""
        return self.forms[0]

    @property
    def parts(self) -> "tuple[Mapping, ...]":
        """The mappings this one is made of."""
        listed = self.first_of or self.all_of or self.join or ()
        return (*listed, *(self.object or {}).values())

    @property
    def own_paths(self) -> list[str]:
        """The raw paths read here, those of the parts aside."""
        return [path for path in (self.path, self.total, self.minor, self.currency, self.zone) if path is not None]

    def paths(self) -> list[str]:
        """Every raw path read, here and in the parts."""
        return [path for path in self.own_paths if path] + [path for part in self.parts for path in part.paths()]


FORMS = ("path", "first_of", "all_of", "join", "value", "scope", "total", "minor", "object")


class Condition(Declared):
    """True where the raw value equals a constant."""

    path: str
    equals: str | bool | int


class ClockAhead(Declared):
    """What becomes of a record whose source's clock runs ahead of its delivery: believed, it would be the latest for ever.

    Attributes:
        tolerance_hours: So far ahead of the delivery's date it is believed: a day for the delivery's own, one for zones and late
            exports.
        beyond: ``flag`` takes the delivery's date in its place and flags the record; ``quarantine`` sets the row aside.
    """

    tolerance_hours: Annotated[int, Field(ge=0, le=48)] = 48
    beyond: Literal["flag", "quarantine"] = "flag"


Reaction = Literal["accept", "report", "refuse"]


class SchemaChanges(Declared):
    """What a change of the source's fields leads to: ``accept`` says nothing, ``report`` warns, ``refuse`` takes nothing of it.

    Attributes:
        added: A field that is neither mapped nor ignored.
        removed: A mapped field that is not there any more.
        renamed: A mapped field that is not there any more, while one like it nobody declared is.
        retyped: A mapped field whose values are of another kind.
    """

    added: Reaction = "report"
    removed: Reaction = "report"
    renamed: Reaction = "report"
    retyped: Reaction = "report"


class Fold(Declared):
    """JSON lines whose children follow their parent: children go into a list of the parent.

    Attributes:
        child: Member of a child that holds its parent's id; a line without it is a parent.
        parent: Member of a parent that holds its id.
        into: Name the list gets in the parent.
    """

    child: str
    parent: str
    into: str


class Embed(Declared):
    """A side list of a JSON document whose items belong to the records: they go into a list of their record.

    Attributes:
        list: Path of the side list in the document; also the name the list gets in the record.
        child: Member of an item that holds its record's id.
        parent: Member of a record that holds its id.
    """

    list: str
    child: str
    parent: str


class Child(Declared):
    """Another table whose rows belong to the records, such as a partner's addresses: they go into a list of their record.

    Attributes:
        table: Its name; also the name the list gets in the record.
        child: Its column that holds its record's key.
        watermark: Its own column of when a row last changed: a record is read again when only its child changed.
    """

    table: str
    child: str
    watermark: str | None = None


class Table(Declared):
    """The database table or view a stream is read from.

    Attributes:
        name: Its name.
        in_schema: ``schema``: where it lies, if not in the login's own.
        key: The column that tells its rows apart; rows are read in its order.
        mode: ``changes`` reads what changed in the window, by ``watermark``; ``snapshot`` reads all of it each time.
        watermark: Column of when a row last changed.
        overlap_minutes: How far before its window a run reads again, for rows that were committed late.
        landed_by: The tool that copies the table here, whose bookkeeping columns are known by convention.
        children: Tables whose rows belong to the records.
    """

    name: str
    in_schema: str | None = Field(None, alias="schema")
    key: str
    mode: Literal["changes", "snapshot"]
    watermark: str | None = None
    overlap_minutes: Annotated[int, Field(ge=0)] = 60
    landed_by: Literal["airbyte", "dlt", "fivetran"] | None = None
    children: tuple[Child, ...] = Field((), strict=False)

    @property
    def clock(self) -> str | None:
        """The column of when a row last changed: the declared one, or the one of the tool that copied it."""
        return self.watermark or (self.bookkeeping.synced_at if self.bookkeeping else None)

    @property
    def bookkeeping(self) -> "Bookkeeping | None":
        """What the tool that copied it adds to it."""
        return LANDED_BY[self.landed_by] if self.landed_by else None


class Since(Declared):
    """How an API is asked for what changed since a moment.

    Attributes:
        param: The parameter, or of GraphQL the variable, that holds the moment.
        form: ``unix`` seconds, or ``iso8601`` in UTC.
        template: The text around it, such as ``updated_at:>='{since}'``.
    """

    param: str
    form: Literal["unix", "iso8601"] = "iso8601"
    template: Annotated[str, Field(pattern=r"\{since\}")] = "{since}"


class Pages(Declared):
    """How an API gives a long list in pages.

    Attributes:
        by: ``cursor``: the answer holds what to ask the next page with; ``link``: it names the next page's address, in its Link
            header or at ``next``; ``number``: 1, 2, 3, until a page is empty.
        param: The parameter, or of GraphQL the variable, for the cursor or the number.
        next: Path in the answer: of cursors the next page's, of links its address where no header has it.
        last: Of cursors: path of what is true on the last page.
        more: Of cursors: path of what is false on the last page.
        whole: Of cursors: whether what changed since when is asked for with every page, and not with the first alone. A body and
            GraphQL's variables are always sent whole.
    """

    by: Literal["cursor", "link", "number"]
    param: str | None = None
    next: str | None = None
    last: str | None = None
    more: str | None = None
    whole: bool = False


class Bulk(Declared):
    """How a Shopify shop is asked for much at once: it writes a file, with children after their parent (see ``fold``).

    Attributes:
        graphql: File beside ``source.yml`` with the query, without pages; ``{since}`` in it is the moment.
        days: A window longer than this many days is asked for so, and the very first one.
    """

    graphql: str
    days: Annotated[int, Field(ge=1)] = 7


class Request(Declared):
    """What a stream is asked an HTTP API for.

    Attributes:
        path: Below the connection's host. With ``{scope}`` it is asked for once for each scope.
        params: Fixed parameters; of GraphQL, variables. In a ``body``, dots in a name go into its members.
        send: Where parameters go: into the ``query`` of the address, or as JSON into the ``body`` of a POST.
        graphql: File beside ``source.yml`` with the query; it is posted.
        bulk: How much is asked for at once.
        records: Path of the list of records in an answer; null where the answer is the list.
        absent: Whether an answer that has none leaves the list out.
        since: How to ask for what changed; without it everything is given each time, as a snapshot.
        pages: How a long list is given; null gives it at once.
        overlap_minutes: How far before its window a run asks again.
    """

    path: Annotated[str, Field(pattern=r"^/")]
    params: dict[str, str | bool | int] = {}
    send: Literal["query", "body"] = "query"
    graphql: str | None = None
    bulk: Bulk | None = None
    records: str | None = None
    absent: bool = False
    since: Since | None = None
    pages: Pages | None = None
    overlap_minutes: Annotated[int, Field(ge=0)] = 60


class RateLimit(Declared):
    """How often an API may be asked; requests are spread evenly, so no stretch of that length ever sees more.

    Attributes:
        requests: At most so many
        seconds: in so many seconds.
    """

    requests: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Bookkeeping:
    """The columns a tool adds to the tables it copies.

    Attributes:
        synced_at: When it wrote the row; None if it does not say.
        deleted: Set where the source deleted the row: true, or a moment.
        other: What says nothing of the record.
    """

    synced_at: str | None
    deleted: str | None
    other: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """All of them."""
        return [name for name in (*self.other, self.synced_at, self.deleted) if name]


LANDED_BY = {
    # docs.airbyte.com/platform/understanding-airbyte/airbyte-metadata-fields, .../cdc
    "airbyte": Bookkeeping("_airbyte_extracted_at", "_ab_cdc_deleted_at", (
        "_airbyte_raw_id", "_airbyte_meta", "_airbyte_generation_id", "_airbyte_ab_id", "_airbyte_emitted_at",
        "_airbyte_normalized_at", "_ab_cdc_updated_at", "_ab_cdc_lsn", "_ab_cdc_cursor", "_ab_cdc_log_file", "_ab_cdc_log_pos",
    )),
    # fivetran.com/docs/core-concepts/system-columns-and-tables
    "fivetran": Bookkeeping("_fivetran_synced", "_fivetran_deleted", ("_fivetran_id", "_fivetran_index", "_fivetran_active")),
    # dlthub.com/docs/general-usage/destination-tables
    "dlt": Bookkeeping(None, None, ("_dlt_id", "_dlt_load_id", "_dlt_parent_id", "_dlt_list_idx", "_dlt_root_id")),
}  # fmt: skip
"""By tool, what it publishes of its columns."""

TOMBSTONE = "_deleted"
"""Where the reader puts what a tool's column says of a deletion."""


class Shows(Declared):
    """What gives a shifted row away.

    Attributes:
        field: A canonical field.
        matches: Regular expression that its whole text matches only where the row has slid.
    """

    field: str
    matches: str


class Repair(Declared):
    """A quirk of this source's values, mended before they are cleaned; every mending is on the record.

    Attributes:
        repair: ``strip_prefix``, ``strip_suffix``, ``placeholder`` or ``shifted``.
        fields: The canonical fields it concerns; of ``shifted``, in the order in which they stand in the file.
        values: Prefixes, suffixes or placeholders.
        when: Of ``shifted``: what gives it away.
        to: Of ``shifted``: where the values belong.
    """

    repair: Literal["strip_prefix", "strip_suffix", "placeholder", "shifted"]
    fields: tuple[str, ...] = Field(strict=False, min_length=1)
    values: tuple[Annotated[str, Field(min_length=1)], ...] = Field((), strict=False)
    when: Shows | None = None
    to: Literal["left", "right"] | None = None


class Volume(Declared):
    """How many rows a stream gives in a day, all its scopes together; the gate of what landed closes on fewer and on more.

    Attributes:
        least: Fewer are half an export.
        most: More are an export sent twice, or somebody else's.
    """

    least: Annotated[int, Field(ge=0)] = 0
    most: Annotated[int, Field(ge=1)] | None = None


class Stream(Declared):
    """One kind of rows a source delivers.

    Attributes:
        kind: ``customers`` or ``interactions``.
        files: Where its files lie; the patterns are alternatives.
        table: The database table it is read from, in place of files.
        request: What an HTTP API is asked for, in place of files.
        format: ``csv``, ``jsonl``, ``json``, ``parquet`` or ``xlsx``.
        encoding: Of the file; a byte order mark wins over it. ``detect`` looks at each file.
        delimiter: Between CSV fields. ``detect`` looks at each file's header.
        sheet: Name of the workbook's sheet; null takes the first.
        space_after_delimiter: Whether the exporter writes spaces after it that belong to no value.
        final_newline: Whether the exporter ends the last line; if so, a CSV file that does not is cut off.
        records: Path of the list of records in a JSON document.
        fold: Children lines of a JSONL export, or of a bulk request's file.
        embed: Side lists of a JSON document, or of a page of an API's.
        key: The source's own key of a record. A row without one cannot be followed and goes to quarantine.
        repeats: Whether one file may hold a key many times, as a list of events does for the people in it.
        updated_at: The source's own clock; null uses the delivery's date.
        clock_ahead: What becomes of a record from the future.
        deleted: Which records are tombstones.
        schema_changes: What a change of its fields leads to.
        timezone: What a time without a zone means where no scope says it.
        date_order: How all-numeric dates are written where no scope says it; null reads ISO 8601 only.
        customer_stream: For interactions: the stream of this source that ``customer_key`` is a key of.
        required: Columns beside the key that a table (CSV, XLSX, Parquet) cannot lack.
        map: Canonical field to its mapping.
        constants: Canonical field to one fixed value.
        ignore: Raw fields, with all below them, that are left out on purpose.
        volume: How many rows a day brings.
        repairs: Quirks of its values, mended in this order before they are cleaned.
    """

    kind: Literal["customers", "interactions"]
    files: tuple[FilePattern, ...] = Field((), strict=False)
    table: Table | None = None
    request: Request | None = None
    format: Literal["csv", "jsonl", "json", "parquet", "xlsx"] | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    space_after_delimiter: bool = False
    final_newline: bool = True
    records: str | None = None
    fold: Fold | None = None
    embed: tuple[Embed, ...] = Field((), strict=False)
    key: Mapping
    repeats: bool = False
    updated_at: Mapping | None
    clock_ahead: ClockAhead = ClockAhead()
    deleted: Condition | None = None
    schema_changes: SchemaChanges = SchemaChanges()
    timezone: str = "UTC"
    date_order: DateOrder | None = None
    customer_stream: str | None = None
    required: tuple[str, ...] = Field((), strict=False)
    map: dict[str, Mapping]
    constants: dict[str, str | bool | int] = {}
    ignore: tuple[str, ...] = Field((), strict=False)
    volume: Volume | None = None
    repairs: tuple[Repair, ...] = Field((), strict=False)

    _name: str = PrivateAttr("")
    _scopes: dict[str, Scope] = PrivateAttr(default_factory=dict)

    @property
    def name(self) -> str:
        """Its key under ``streams``."""
        return self._name

    @property
    def scopes(self) -> dict[str, Scope]:
        """The scopes its files come from; empty if its patterns have no ``{scope}``."""
        return self._scopes

    @property
    def flat(self) -> bool:
        """Whether records are rows of columns, so that a path is a column's whole name."""
        return self.format in ("csv", "xlsx")

    @property
    def all_of_now(self) -> bool:
        """Whether each reading gives everything there is, however long its window."""
        return (self.table is not None and self.table.mode == "snapshot") or (self.request is not None and not self.request.since)

    def placed(self, name: str, scopes: dict[str, Scope]) -> None:
        """Tell the stream what stands outside its own part of the declaration."""
        self._name = name
        if any(SCOPE in file.pattern for file in self.files) or (self.request and SCOPE in self.request.path):
            self._scopes = scopes

    @property
    def tombstone(self) -> Condition | None:
        """Which records are tombstones, by declaration or by the convention of the tool that copied the table."""
        tool = self.table.bookkeeping if self.table else None
        return Condition(path=TOMBSTONE, equals=True) if tool and tool.deleted and not self.deleted else self.deleted

    def mapped_paths(self) -> list[str]:
        """Every raw path that a mapping reads."""
        return [path for mapping in self.mappings().values() for path in mapping.paths()]

    def read_paths(self) -> list[str]:
        """Every raw path that a mapping or the tombstone reads."""
        return self.mapped_paths() + ([self.tombstone.path] if self.tombstone else [])

    def columns(self) -> list[str]:
        """Every raw field it names: those that are read, required or ignored."""
        return [*self.read_paths(), *self.required, *self.ignore]

    def mappings(self) -> dict[str, Mapping]:
        """Every mapping with the key it is declared under."""
        own = {"key": self.key} | ({"updated_at": self.updated_at} if self.updated_at else {})
        return own | {f"map.{field}": mapping for field, mapping in self.map.items()}


Channel = Literal[
    "store", "online", "app", "marketplace", "social", "service", "survey", "web", "event", "partner", "enterprise", "list"
]
"""By which way people come to a source, for the register."""

LawfulBasis = Literal["consent", "contract", "legitimate_interest", "legal_obligation"]


class Trust(Declared):
    """How far a source's values are believed when sources disagree, from 0 to 1.

    Attributes:
        default: For every field not named.
        fields: Canonical customer field to its own figure.
    """

    default: Share
    fields: dict[str, Share] = {}


class Admission(Declared):
    """What must be known of a list that was bought or rented before it is let in.

    Attributes:
        provenance: Who gathered it, how and from whom we have it.
        lawful_basis: On what its people may be looked at by us.
        expires: The last day it may be used; from the next day on it counts as empty, and its records lapse.
        suppression_checked: When its people were last checked against those who asked to be left alone.
        match_only: Whether it may only add to customers who are known: it makes none, and its values never stand above another's.
    """

    provenance: Annotated[str, Field(min_length=1)]
    lawful_basis: LawfulBasis
    expires: date
    suppression_checked: date
    match_only: bool = True


class Source(Declared):
    """A source: a folder with ``source.yml``, ``sample/`` and ``expected/``.

    Attributes:
        title: What people call it.
        description: Markdown; the Dag's documentation.
        owner: Who answers for the data; the Dag's owner.
        contact: Where to reach them.
        steward: Who looks after its records day by day: answers what a value means, decides on doubtful ones.
        channel: By which way its people come.
        schedule: Cron expression, in UTC, of when its Dag runs; null runs it at midnight.
        freshness_hours: What its owner promises: so many hours after the end of a run's window its rows are in the warehouse.
        tags: The Dag's tags.
        enabled: Whether it has a Dag; one that is not is checked and tested all the same.
        origin: ``own``, or ``third_party``: a list of people who gave their data to somebody else.
        admission: Of a third party's list, what lets it in.
        connection: Airflow's connection of the database its tables lie in, or of the API it is asked from.
        rate_limit: How often the API may be asked.
        epoch: The numbering that its first rows are of.
        restarts: Days from whose deliveries on it counts its keys anew, so that a key used again is another record.
        purpose: The lawful purpose its records are kept for.
        lawful_basis: On what they may be kept; a third party's list says it in its admission.
        default_country: ISO 3166-1 alpha-2 assumed where neither record nor scope tells; null assumes nothing.
        trust: How far it is believed.
        scopes: Its parts with files of their own, by the code that stands in the file names.
        streams: What it delivers, by name.
    """

    title: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    contact: Annotated[str, Field(min_length=1)]
    steward: Annotated[str, Field(min_length=1)] | None = None
    channel: Channel | None = None
    schedule: Annotated[str, Field(min_length=1)] | None = None
    freshness_hours: Annotated[int, Field(ge=1, le=24 * 366)] | None = None
    tags: tuple[str, ...] = Field((), strict=False)
    enabled: bool = True
    origin: Literal["own", "third_party"] = "own"
    admission: Admission | None = None
    connection: str | None = None
    rate_limit: RateLimit | None = None
    epoch: Annotated[int, Field(ge=1)] = 1
    restarts: tuple[date, ...] = Field((), strict=False)
    purpose: Annotated[str, Field(min_length=1)]
    lawful_basis: LawfulBasis | None = None
    default_country: Country | None = None
    trust: Trust
    scopes: dict[str, Scope] = {}
    streams: dict[str, Stream] = Field(min_length=1)

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _name_streams(self) -> Self:
        for name, stream in self.streams.items():
            stream.placed(name, self.scopes)
        return self

    def epoch_on(self, day: date) -> int:
        """Which numbering the keys of a day's delivery are of."""
        return self.epoch + bisect_right(self.restarts, day)

    @property
    def epochs(self) -> range:
        """Every numbering there has been."""
        return range(self.epoch, self.epoch + len(self.restarts) + 1)

    @property
    def ground(self) -> LawfulBasis | None:
        """On what its records may be kept: by its admission, if it has one."""
        return self.admission.lawful_basis if self.admission else self.lawful_basis

    @property
    def match_only(self) -> bool:
        """Whether its records may only add to customers who are known."""
        return self.admission is not None and self.admission.match_only

    @property
    def folder(self) -> Path:
        """Where it is declared."""
        return self._folder

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self._folder.name

    @property
    def expectations(self) -> Path:
        """Where its own additions to the suites lie; need not exist."""
        return self._folder / "expectations"

    def placed(self, folder: Path) -> Self:
        """This source, knowing its folder."""
        self._folder = folder
        return self
