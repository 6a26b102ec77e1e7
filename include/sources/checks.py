"""What must hold of a declaration beyond its form: names that exist, parts that fit together."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from include.customer import CONSENTS, FIELDS, Type, names
from include.errors import DeclarationError
from include.sources import paths
from include.sources.declaration import DATE, FILE, FORMS, SCOPE, Mapping, Repair, Request, Source, Stream, Table
from include.sources.readers.detecting import DELIMITERS, DETECT
from include.sources.readers.packed import packing_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""How a source or a stream may be called: both stand in names of Dags, files, tables and metrics."""

_KOSOVO = "XK"
"""Assigned by its users, phone and card systems among them."""

_NO_COUNTRY = "is no country", ("a code of ISO 3166-1 such as PH; the United Kingdom's is GB",)

Problem = tuple[str, str, Iterable[str]]
"""Key, what is wrong, what would be valid."""


def check(source: Source, file: str) -> None:
    """Raise the first problem of a declaration.

    Raises:
        DeclarationError: Names the file, the key and what would be valid.
    """
    for key, problem, valid in _problems(source):
        raise DeclarationError(file, key, problem, valid)


def _problems(source: Source) -> Iterator[Problem]:
    yield from _admission(source)
    if source.admission is not None and source.lawful_basis is not None:
        yield "lawful_basis", "stands in its admission; give it once, there", ("admission.lawful_basis",)
    if source.schedule is not None and not _is_cron(source.schedule):
        yield "schedule", "is no cron expression", ("'0 3 * * *'", "'@daily'")
    known = names("customers", "mapped")
    for field in source.trust.fields:
        if field not in known:
            yield f"trust.fields.{field}", "is no canonical customer field", known
    if list(source.restarts) != sorted(set(source.restarts)):
        yield "restarts", "must name each day once, the earliest first", ("[2026-08-01]",)
    yield from _where(source)
    for name, stream in source.streams.items():
        for key, problem, valid in _stream(stream, source):
            yield ".".join(["streams", name, *([key] if key else [])]), problem, valid


def _where(source: Source) -> Iterator[Problem]:
    """Of a place that is none every local number and address would be nobody's, and nothing would say so."""
    if source.default_country is not None and not _is_country(source.default_country):
        yield "default_country", *_NO_COUNTRY
    for code, scope in source.scopes.items():
        if not _is_country(scope.country):
            yield f"scopes.{code}.country", *_NO_COUNTRY
        if not _is_currency(scope.currency):
            yield f"scopes.{code}.currency", "is no currency", ("a code of ISO 4217 such as PHP",)
        if not _is_zone(scope.timezone):
            yield f"scopes.{code}.timezone", "is no time zone", ("an IANA name such as Asia/Manila",)


def _admission(source: Source) -> Iterator[Problem]:
    admission = source.admission
    if (source.origin == "third_party") != (admission is not None):
        needed = "is needed before a third party's list is let in" if admission is None else "is only for origin third_party"
        yield "admission", needed, ("provenance", "lawful_basis", "expires", "suppression_checked")
    if admission is None:
        return
    if admission.suppression_checked > admission.expires:
        yield "admission.suppression_checked", "lies behind the day the list expires", ("a day before it",)
    for name, stream in source.streams.items():
        if stream.kind != "customers":
            yield f"streams.{name}.kind", "must be of people: what they did elsewhere is nobody's business", ("customers",)
        if not stream.files:
            yield f"streams.{name}.files", "is how a third party's list comes", ("files",)
        for n, file in enumerate(stream.files):
            if file.mode != "snapshot":
                yield (
                    f"streams.{name}.files.{n}.mode",
                    "must be snapshot: who is no longer on the list has left it",
                    ("snapshot",),
                )
        for field in sorted({*stream.map, *stream.constants} & _ANSWERS):
            yield f"streams.{name}.map.{field}", "cannot come from a third party's list: nobody answers for another", ("ignore",)


_ANSWERS = frozenset(name for answer in CONSENTS for name in (answer, f"{answer}_at"))
"""What only the person can have told us."""


def _stream(stream: Stream, source: Source) -> Iterator[Problem]:
    if not NAME.fullmatch(stream.name):
        yield "", "cannot name a stream", ("small letters, digits and _",)
    if sum(map(bool, (stream.files, stream.table, stream.request))) != 1:
        yield "files", "needs one of files, table and request", ("files", "table", "request")
    yield from _files(stream, source)
    if stream.table:
        yield from _table(stream.table, source)
    if stream.request:
        yield from _request(stream.request, stream, source)
    yield from _format(stream)
    yield from _canonical(stream)
    yield from _customer(stream, source)
    yield from _raw(stream)
    yield from _repairs(stream)
    if not _is_zone(stream.timezone):
        yield "timezone", "is no time zone", ("an IANA name such as Asia/Manila",)
    if stream.volume and stream.volume.most is not None and stream.volume.most < stream.volume.least:
        yield "volume.most", "is less than volume.least", (f"{stream.volume.least} or more",)


def _files(stream: Stream, source: Source) -> Iterator[Problem]:
    scoped = {SCOPE in file.pattern for file in stream.files}
    if len(scoped) == 2:
        yield "files", "some patterns have {scope} and some have not; give all the same", ()
    if True in scoped and not source.scopes:
        yield "files", "{scope} stands in a pattern, but the source declares no scopes", ()
    for n, file in enumerate(stream.files):
        folder, _, last = file.pattern.rpartition("/")
        rest = DATE.sub("", file.pattern).replace(SCOPE, "")
        if "{" in rest or "}" in rest:
            yield f"files.{n}.pattern", "has a placeholder nobody knows", ("{date:%Y-%m-%d}", SCOPE)
        elif SCOPE in folder or last.count(SCOPE) > 1:
            yield f"files.{n}.pattern", "{scope} may stand once, in the file's name", ("{date:%Y-%m-%d}/name_{scope}.csv",)
        elif file.pattern.startswith("/") or ".." in file.pattern.split("/"):
            yield f"files.{n}.pattern", "must stay below the source's folder", ("{date:%Y-%m-%d}/name.csv",)
        elif packing_of(last) and stream.format in ("parquet", "xlsx"):
            yield f"files.{n}.pattern", f"a file of format {stream.format} is packed already", ("name.parquet", "name.xlsx")
        if file.done and ("/" in file.done or {"{", "}"} & set(file.done.replace(FILE, ""))):
            yield f"files.{n}.done", "must be the name of a file beside it", ("_SUCCESS", "{file}.done")


def _table(table: Table, source: Source) -> Iterator[Problem]:
    if source.connection is None:
        yield "table", "lies in a database, and the source declares no connection", ("connection: suki_erp",)
    if table.mode == "changes" and table.clock is None:
        yield "table.watermark", "is needed to read changes: the column of when a row last changed", ("mode: snapshot",)
    if table.mode == "snapshot" and (table.watermark or any(child.watermark for child in table.children)):
        yield "table.watermark", "is only for mode changes: a snapshot reads everything", ()


def _request(request: Request, stream: Stream, source: Source) -> Iterator[Problem]:
    if source.connection is None:
        yield "request", "asks an API, and the source declares no connection", ("connection: suki_zendesk",)
    yield from _graphql(request, source)
    if SCOPE in request.path and not source.scopes:
        yield "request.path", "holds {scope}, but the source declares no scopes", ()
    for key, path in (("records", request.records), *((f"pages.{key}", value) for key, value in _page_paths(request))):
        if path is not None:
            yield from _path(path, f"request.{key}", stream)
    pages = request.pages
    if pages is None:
        return
    if pages.by != "link" and pages.param is None:
        yield "request.pages.param", f"is needed to ask for pages by {pages.by}", ("the name of a parameter",)
    if pages.by == "cursor" and pages.next is None:
        yield "request.pages.next", "is needed: where an answer holds the next page's cursor", ("after_cursor",)
    if pages.by != "cursor" and (pages.last or pages.more or (pages.next and pages.by == "number")):
        yield (
            "request.pages",
            f"last and more are of cursors, next of links too, and these pages are by {pages.by}",
            ("by: cursor",),
        )


def _graphql(request: Request, source: Source) -> Iterator[Problem]:
    for key, query in (("graphql", request.graphql), ("bulk.graphql", request.bulk and request.bulk.graphql)):
        if query and not (source.folder / query).is_file():
            yield f"request.{key}", "names no file beside source.yml", ("customers.graphql",)
    if request.bulk and not request.graphql:
        yield "request.bulk", "is Shopify's way to ask for much, and the request is no graphql", ()
    if request.graphql and request.send == "body":
        yield "request.send", "is not for graphql, which is always posted", ("send: query",)


def _page_paths(request: Request) -> list[tuple[str, str | None]]:
    pages = request.pages
    return [] if pages is None else [("next", pages.next), ("last", pages.last), ("more", pages.more)]


def _format(stream: Stream) -> Iterator[Problem]:
    if bool(stream.files) != (stream.format is not None):
        yield "format", "must be given for files, and only there", ("csv", "jsonl", "json", "parquet", "xlsx")
    if stream.encoding != DETECT and not _is_encoding(stream.encoding):
        yield "encoding", "is no encoding Python knows", (DETECT, "utf-8", "utf-16", "cp1252", "shift_jis")
    if stream.delimiter != DETECT and len(stream.delimiter) != 1:
        yield "delimiter", "must be one character", (DETECT, *map(json.dumps, DELIMITERS))
    if stream.sheet is not None and stream.format != "xlsx":
        yield "sheet", "is only for format xlsx", ()
    if (stream.format == "json") != (stream.records is not None):
        yield "records", "must be given for format json, and only there", ("path of the list of records, e.g. users",)
    if stream.fold and stream.format != "jsonl" and not (stream.request and stream.request.bulk):
        yield "fold", "is only for format jsonl and for bulk requests", ()
    if stream.embed and stream.format != "json" and not stream.request:
        yield "embed", "is only for format json and for requests", ()
    if stream.required and stream.format not in ("csv", "parquet", "xlsx"):
        yield "required", "is only for formats csv, parquet and xlsx", ()
    if stream.space_after_delimiter and stream.format != "csv":
        yield "space_after_delimiter", "is only for format csv", ()


def _canonical(stream: Stream) -> Iterator[Problem]:
    known = names(stream.kind, "mapped")
    for section, fields in (("map", stream.map), ("constants", stream.constants)):
        for field in fields:
            if field not in known:
                yield f"{section}.{field}", f"is no canonical field of {stream.kind}", known
    for field in set(stream.map) & set(stream.constants):
        yield f"constants.{field}", "is mapped too; give it once", ()


def _customer(stream: Stream, source: Source) -> Iterator[Problem]:
    if stream.kind == "customers":
        if stream.customer_stream:
            yield "customer_stream", "is only for interactions", ()
        return
    customers = [name for name, other in source.streams.items() if other.kind == "customers"]
    if stream.customer_stream is not None and stream.customer_stream not in customers:
        yield "customer_stream", "names no customers stream of this source", customers
    if (stream.customer_stream is None) != ("customer_key" not in stream.map):
        yield "customer_stream", "and map.customer_key go together: whose key is it", customers


def _raw(stream: Stream) -> Iterator[Problem]:
    for key, mapping in stream.mappings().items():
        yield from _mapping(mapping, key, stream)
    read = set(stream.mapped_paths())
    for n, field in enumerate(stream.ignore):
        if field in read:
            yield f"ignore.{n}", f"'{field}' is mapped too; give it once", ()
        yield from _path(field, f"ignore.{n}", stream)
    if stream.deleted:
        yield from _path(stream.deleted.path, "deleted.path", stream)


def _repairs(stream: Stream) -> Iterator[Problem]:
    known = {field.name: field.type for field in FIELDS[stream.kind] if field.origin == "mapped"}
    for n, repair in enumerate(stream.repairs):
        key = f"repairs.{n}"
        for field in (*repair.fields, *([repair.when.field] if repair.when else [])):
            if field not in known:
                yield f"{key}.fields", f"'{field}' is no canonical field of {stream.kind}", known
        if repair.repair == "shifted":
            yield from _shifted(repair, key, known)
        elif not repair.values or repair.when or repair.to:
            yield key, f"{repair.repair} needs values, and takes no when and no to", ("repair", "fields", "values")


def _shifted(repair: Repair, key: str, known: dict[str, Type]) -> Iterator[Problem]:
    if repair.values or repair.when is None or repair.to is None or len(repair.fields) < 2:
        yield key, "shifted needs two or more fields in the order of the file, when and to", ("fields", "when", "to")
        return
    for field in repair.fields:
        if known.get(field) == "texts":
            one = [name for name, kind in known.items() if kind != "texts"]
            yield f"{key}.fields", f"'{field}' holds several texts, which cannot slide", one
    try:
        re.compile(repair.when.matches)
    except re.error as error:
        yield f"{key}.when.matches", f"is no regular expression: {error}", ()


def _mapping(mapping: Mapping, key: str, stream: Stream) -> Iterator[Problem]:
    if len(mapping.forms) != 1:
        yield key, f"needs exactly one form, has {' and '.join(mapping.forms) or 'none'}", FORMS
    if mapping.scope and not stream.scopes:
        yield f"{key}.scope", "stands in a stream whose files have no {scope}", ()
    if (mapping.minor is None) != (mapping.currency is None):
        yield key, "minor and currency go together: how many of them make a unit", ("minor: amount, currency: currency",)
    for path in mapping.own_paths:
        yield from _path(path, key, stream)
    for part in mapping.parts:
        yield from _mapping(part, key, stream)


def _path(path: str, key: str, stream: Stream) -> Iterator[Problem]:
    try:
        paths.parse(path, stream.flat)
    except ValueError as error:
        yield key, str(error), ()


def _is_country(code: str) -> bool:
    import pycountry

    return code == _KOSOVO or pycountry.countries.get(alpha_2=code) is not None


def _is_currency(code: str) -> bool:
    import pycountry

    return pycountry.currencies.get(alpha_3=code) is not None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # what ZoneInfo raises for a name that is none
        return False
    return True


def _is_cron(text: str) -> bool:
    from croniter import croniter  # type: ignore[import-untyped]

    return bool(croniter.is_valid(text))


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
