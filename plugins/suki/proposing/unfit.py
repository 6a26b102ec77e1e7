"""Why a file is no export that a source can be made of, in a sentence of what it is and what would do."""

import zipfile
from pathlib import Path

from include.errors import DeclarationError

_FORMS = ("csv", "jsonl", "json", "parquet", "xlsx")
_KINDS = {
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007 (.xls), or one locked by a password",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"Rar!": "packed as rar",
    b"7z\xbc\xaf": "packed as 7z",
    b"SQLi": "a SQLite database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
"""What files begin with that people take for an export."""


def unfit(path: Path, problem: str, *valid: str) -> DeclarationError:
    """The error that says so."""
    return DeclarationError("suki new-source", str(path), problem, valid)


def refuse(path: Path, sheet: str | None) -> None:
    """Refuse what need not be read to be known for unfit: no file, none of a form that is read, without the sheet asked for."""
    if path.is_dir():
        raise unfit(path, "is a folder", "one file of it")
    if not path.is_file():
        valid = "a file; of a database its connection, with --table; of an API with --path"
        raise DeclarationError("suki new-source", "--from", f"there is no file {path}", (valid,))
    if problem := _of_no_form(path) or _of_sheet(path, sheet):
        raise problem


def _of_no_form(path: Path) -> DeclarationError | None:
    """Of a file that is there: what it is if no reader knows its kind."""
    with path.open("rb") as file:
        head = file.read(max(map(len, _KINDS)))
    for mark, kind in _KINDS.items():
        if head.startswith(mark):
            return unfit(path, f"is {kind}", *_FORMS)
    if head.startswith(b"PK\x03\x04") and "content.xml" in _parts(path):
        return unfit(path, "is an OpenDocument file", *_FORMS)
    if path.suffix.lower() in (".xlsx", ".xlsm") and not head.startswith(b"PK"):
        return unfit(path, "is no XLSX workbook" + (", but empty" if not head else ""), *_FORMS)
    return None


def of_no_rows(path: Path, form: str, header: list[str], unread: int) -> DeclarationError:
    """Of a file no row of which can be read: which of a few things is amiss."""
    if form in ("json", "jsonl"):
        return unfit(path, "holds no row that is an object", "an object a row")
    if _is_note(header):
        return unfit(path, *_NOTE)
    fields = f"{len(header)} field" + "s" * (len(header) != 1)
    if unread:
        return unfit(
            path, f"none of its {unread:,} rows fits its first row, which has {fields}{_sheets_told(path)}",
            "a first row of the names of all fields, without a title above it",
        )  # fmt: skip
    if not any(header):
        return unfit(path, "is blank: not even a header", "a file with a header and rows")
    return unfit(path, f"has a header of {fields} and no row{_sheets_told(path)}", "a file with a header and rows")


def of_columns(path: Path, names: list[str]) -> DeclarationError | None:
    """Of names of fields that are none: a note to a spreadsheet, or most are missing, as beside a title."""
    if _is_note(names):
        return unfit(path, *_NOTE)
    named = [name for name in names if not name.startswith("#")]
    if len(named) < len(names) / 2:
        what = f"its first row names {len(named)} of {len(names)} fields: a title above the header?"
        return unfit(path, what, "a file whose first row is a header")
    return None


_NOTE = ("begins with sep=, a note to a spreadsheet", "the file without that line")


def _is_note(header: list[str]) -> bool:
    return header[:1] != [] and header[0].lower().startswith("sep=")


def _of_sheet(path: Path, sheet: str | None) -> DeclarationError | None:
    """Of a sheet that is asked for: that there is none of the name."""
    if sheet is None:
        return None
    names = sheets_of(path)
    if not names:
        return DeclarationError("suki new-source", "--sheet", "is only for a workbook", ("xlsx",))
    return None if sheet in names else unfit(path, f"has no sheet '{sheet}'", *names)


def sheets_of(path: Path) -> list[str]:
    """The sheets of a workbook; nothing of any other file."""
    import openpyxl

    if not any(part.startswith("xl/") for part in _parts(path)):
        return []
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def first_rows(path: Path, sheet: str | None) -> list[list[str]]:
    """The first rows of a workbook's sheet, the first one's if none is named."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        of = book[sheet] if sheet else book.worksheets[0]
        rows = of.iter_rows(max_row=20, values_only=True)
        return [[str(cell) for cell in row if cell is not None] for row in rows]
    finally:
        book.close()


def _sheets_told(path: Path) -> str:
    names = sheets_of(path)
    return f". Its sheets: {', '.join(names)}; the first was read, --sheet names another" if len(names) > 1 else ""


def _parts(path: Path) -> list[str]:
    """The names of what a zip file holds; nothing of any other file."""
    try:
        with zipfile.ZipFile(path) as file:
            return file.namelist()
    except zipfile.BadZipFile:
        return []
