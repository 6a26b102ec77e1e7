"""``make cases CASES=<folder>``: every table of a folder through the cleaners, `job passed/total` a line and what failed."""

import sys
from pathlib import Path

from tests.cases.runner import run

UNUSABLE = 2


def main() -> int:
    """Run the folder's tables; what must pass is the tests' to say, so a failed case is no error here."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    if not folder.is_dir() or not any(folder.glob("*.csv")):
        print(f"{folder}: no folder with tables of cases (<job>.csv with the columns input,hint,expected,note)", file=sys.stderr)
        return UNUSABLE
    try:
        tables = run(folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    for table in tables:
        print(f"{table.job} {table.passed}/{table.total}")
        for failure in table.failures:
            print(f"    {failure.input!r} ({failure.hint}): got {failure.got!r}, expected {failure.expected!r} - {failure.note}")
    passed, total = sum(table.passed for table in tables), sum(table.total for table in tables)
    print(f"all {passed}/{total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
