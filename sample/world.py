"""One whole world: draw the people, let every channel write, then put the spool into files and break what is declared broken."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sample.channels import online_sales, social, store_pos, support
from sample.delivery import Post
from sample.dice import Tally
from sample.people import Person, Population
from sample.rates import Rates, RatesError
from sample.traps import HEADER as TRAPS_HEADER
from sample.traps import Traps
from sample.writing import Spool, csv_line, write_json, write_lines

SOURCES = (online_sales.SOURCE, store_pos.SOURCE, social.SOURCE, support.SOURCE)


@dataclass(frozen=True)
class Oddity:
    """One thing declared broken: where it is and what it is."""

    kind: str
    file: str
    line: int | None = None
    detail: str = ""


def make(rates: Rates, exports: Path, truth: Path, people: int, seed: int, days: int) -> dict[str, object]:
    """Make the world and write its exports, its truth and its summary.

    Args:
        rates: The declared rates.
        exports: The exports root; its four source folders are written anew if this generator wrote them before.
        truth: The folder for truth.csv and world.json, apart from the exports.
        people: How many people.
        seed: Same seed, same bytes.
        days: How many days of deliveries.

    Returns:
        The summary that world.json holds.

    Raises:
        RatesError: if the size makes no sense.
        FileExistsError: if the exports root holds something this generator did not write.
    """
    if people < 1 or days < 1:
        raise RatesError("--people and --days", "world", "both must be at least 1")
    _clear(exports, truth)
    with tempfile.TemporaryDirectory(prefix="sample-") as folder, Spool(Path(folder) / "spool.sqlite") as spool:
        post = Post(rates, seed, days, spool)
        traps = Traps()
        for person in Population(rates, seed, people, (post.history, post.start, post.end), post.catalogue.companies):
            _write_person(person, post)
            for trap in traps.meets(person):
                spool.add("traps", ",".join(trap), ",".join(trap))
        spool.seal()
        writer = _Writer(post, spool, exports)
        writer.write()
        truth.mkdir(parents=True, exist_ok=True)
        write_lines(truth / "truth.csv", _with_header("source,stream,source_key,person_id", spool.lines("truth")))
        write_lines(truth / "homes.csv", _with_header("person_id,household_id", spool.lines("homes")))
        write_lines(truth / "traps.csv", _with_header(TRAPS_HEADER, spool.lines("traps")))
        write_lines(truth / "aliases.csv", _with_header("source,stream,source_key", spool.lines("aliases")))
    summary = _summary(post, people, writer)
    (truth / "world.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return summary


def _clear(exports: Path, truth: Path) -> None:
    mine = (truth / "world.json").exists()
    for folder in (exports / source for source in SOURCES):
        if folder.exists() and any(folder.iterdir()):
            if not mine:
                raise FileExistsError(f"{folder} is not empty and was not made together with {truth}: choose another folder")
            shutil.rmtree(folder)


def _write_person(person: Person, post: Post) -> None:
    post.lives(person)
    in_store, in_support = store_pos.joins(person, post), support.joins(person, post)
    elsewhere = in_store or in_support or social.joins_leads(person, post)
    orders: list[str] = []
    if online_sales.joins(person, post) or not elsewhere:
        orders = online_sales.emit(person, post)
    if in_store:
        store_pos.emit(person, post)
    social.emit(person, post)
    if in_support:
        support.emit(person, post, orders)


def _with_header(header: str, lines: Iterator[str]) -> Iterator[str]:
    yield header
    yield from lines


def _summary(post: Post, people: int, writer: "_Writer") -> dict[str, object]:
    end = post.end - timedelta(days=1)
    return {
        "version": post.rates.version,
        "seed": post.seed,
        "people": people,
        "days": post.days,
        "first_day": post.start.isoformat(),
        "last_day": end.isoformat(),
        "records": dict(sorted(post.counts.items())),
        "files": writer.files,
        "oddities": [asdict(oddity) for oddity in writer.oddities],
        "resent_files": writer.resent,
        "chances": _chances(post.tally, post.rates),
    }


def _chances(tally: Tally, rates: Rates) -> dict[str, dict[str, list[float]]]:
    """Declared rate, hits and chances, by kind and channel."""
    chances: dict[str, dict[str, list[float]]] = {}
    for (kind, channel), (hits, of) in sorted(tally.counts.items()):
        declared = getattr(rates.delivery, kind) if channel == "delivery" else getattr(getattr(rates.mess, kind), channel)
        chances.setdefault(kind, {})[channel] = [declared, hits, of]
    return chances


class _Writer:
    """Writes the files of all days, and what is broken in them."""

    def __init__(self, post: Post, spool: Spool, exports: Path) -> None:
        self._post, self._spool, self._exports = post, spool, exports
        self.files = 0
        self.oddities: list[Oddity] = []
        self.resent: list[str] = []

    def write(self) -> None:
        """Write every file of every day."""
        delivery = self._post.rates.delivery
        for day in range(self._post.days):
            self._online(day, broken=day == self._on(delivery.broken_line_on), truncated=day == self._truncated())
            self._social(day, extra=day == social.unexpected_day(self._post))
            self._support(day)
            for code in self._post.stores:
                self._store(day, code)
            if day == self._on(delivery.broken_row_on):
                self._break_rows(day)

    def _on(self, position: float) -> int:
        return max(int(self._post.days * position), 1)

    def _truncated(self) -> int:
        """Inside the bulk window, that is before the last two days."""
        return max(min(self._on(self._post.rates.delivery.truncated_on), self._post.days - 3), 1)

    def _path(self, source: str, day: int, name: str) -> Path:
        return self._exports / self._post.file(source, day, name)

    def _plain(self, source: str, day: int, name: str, header: str = "", encoding: str = "utf-8") -> Path:
        path, file = self._path(source, day, name), self._post.file(source, day, name)
        lines = self._spool.lines(file)
        write_lines(path, _with_header(header, lines) if header else lines, encoding)
        self._done(path, file, self._spool.count(file))
        return path

    def _done(self, path: Path, file: str, rows: int) -> None:
        self.files += 1
        rate = self._post.rates.delivery.resent_files
        if rows and ".full." not in file and self._post.stream("resent file", file).random() < rate:
            shutil.copyfile(path, _second(path))
            self.resent.append(file)

    # --- the four sources ---

    def _online(self, day: int, broken: bool, truncated: bool) -> None:
        path = self._plain(online_sales.SOURCE, day, "customers.jsonl")
        self._plain(online_sales.SOURCE, day, "orders.jsonl")
        file = self._post.file(online_sales.SOURCE, day, "customers.jsonl")
        if broken:
            line = _insert_before_middle(path, lambda text: text[: len(text) // 2])
            if line:
                self.oddities.append(Oddity("broken line", file, line, "the first half of the next line, without its end"))
        if truncated and path.stat().st_size:
            shutil.copyfile(path, _second(path))
            whole = path.read_bytes()
            cut = whole[: whole.rindex(b"\n", 0, max(len(whole) * 6 // 10, whole.index(b"\n") + 1)) + 1]
            rest = whole[len(cut) :]
            path.write_bytes(cut + rest[: max(rest.index(b"\n") // 2, 1)] if rest else whole[: len(whole) // 2])
            self.oddities.append(
                Oddity("truncated file", file, None, f"cut in the middle of a line; whole in {_second(path).name}")
            )

    def _social(self, day: int, extra: bool) -> None:
        header = [*social.LEADS, *([social.UNEXPECTED_COLUMN] if extra else [])]
        self._plain(social.SOURCE, day, "leads.csv", csv_line(header, "\t"), "utf-16-le")
        file = self._post.file(social.SOURCE, day, "leads.csv")
        if extra:
            self.oddities.append(Oddity("unexpected column", file, None, social.UNEXPECTED_COLUMN))
        file = self._post.file(social.SOURCE, day, "engagement.json")
        path = self._path(social.SOURCE, day, "engagement.json")
        write_json(
            path, [("data", self._spool.lines(file))], {"paging": {"cursors": {"before": f"MA{day}", "after": f"MQ{day}"}}}
        )
        self._done(path, file, self._spool.count(file))

    def _support(self, day: int) -> None:
        stamp = datetime.fromisoformat(f"{self._post.start}T23:59:59+00:00") + timedelta(days=day)
        for name, lists in (("users", ("users", "identities")), ("tickets", ("tickets",))):
            file = self._post.file(support.SOURCE, day, f"{name}.json")
            path, count = self._path(support.SOURCE, day, f"{name}.json"), self._spool.count(file, name)
            cursor = f"MTU{int(stamp.timestamp())}"
            tail: dict[str, object] = {"count": count, "end_of_stream": True, "after_cursor": cursor}
            if name == "users":
                tail["after_url"] = f"https://suki.zendesk.com/api/v2/incremental/users/cursor.json?cursor={cursor}"
            write_json(path, [(part, self._spool.lines(file, part)) for part in lists], tail)
            self._done(path, file, count)

    def _store(self, day: int, code: str) -> None:
        self._plain(store_pos.SOURCE, day, _directory(day, code), csv_line(store_pos.DIRECTORY))
        self._plain(store_pos.SOURCE, day, f"transactions_{code}.csv", csv_line(store_pos.TRANSACTIONS))

    def _break_rows(self, day: int) -> None:
        """In the first directory and the first ledger that have rows: a field too many, and a row that ends early."""
        breaks: tuple[tuple[str, Callable[[int, str], str], Callable[[str], str], str], ...] = (
            ("directory", _directory, lambda text: f"{text},,extra", "two fields too many"),
            (
                "ledger",
                lambda _, code: f"transactions_{code}.csv",
                lambda text: ",".join(text.split(",")[:5]),
                "ends after its first fields",
            ),
        )
        for kind, name_of, damage, detail in breaks:
            for code in self._post.stores:
                file = self._post.file(store_pos.SOURCE, day, name_of(day, code))
                line = _insert_before_middle(self._exports / file, damage, header=True)
                if line:
                    self.oddities.append(Oddity(f"broken row in a {kind}", file, line, f"{detail}; the whole row follows"))
                    break


def _directory(day: int, code: str) -> str:
    return f"customers_{code}{'.full' if day % store_pos.FULL_EVERY == 0 else ''}.csv"


def _second(path: Path) -> Path:
    return path.with_name(f"{path.stem}.r2{path.suffix}")


def _insert_before_middle(path: Path, damage: Callable[[str], str], header: bool = False) -> int | None:
    """Put a damaged copy of a middle line before it, so that nothing of the record is lost.

    Returns:
        The line number of the damaged copy, or None if the file has no row to copy.
    """
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    rows = [i for i in range(int(header), len(lines)) if not header or (lines[i].count('"') == 0 and lines[i].count(",") > 8)]
    if not rows:
        return None
    middle = rows[len(rows) // 2]
    lines.insert(middle, damage(lines[middle]))
    write_lines(path, lines)
    return middle + 1
