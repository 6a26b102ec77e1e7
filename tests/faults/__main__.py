"""``make faults``: faults and broken files, and what became of each, as a table; an error if one is not survived."""

import argparse
import gc
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

from local.fingerprint import fingerprint
from local.settings import PROJECT, Settings
from suki.listeners.warm_start import warm_start
from tests.faults.fed_files import chosen_kinds, feed_all
from tests.faults.record import Record
from tests.faults.struck_platform import chosen_blows, strike_platform
from tests.faults.struck_steps import chosen_faults, journey, strike_all
from tests.postgres_fixture import migrated_template, running_server

SOME = 3
"""Of each group of broken files every third is fed, which is more than 200, unless it is said otherwise."""
PARTS = ("steps", "files", "platform")


def main() -> int:
    """Strike and feed; 1 if anything is not survived."""
    asked, began = _asked(), time.monotonic()
    kept = Settings.load().state / "faults.jsonl"
    code = fingerprint(PROJECT, "include", "plugins", "dags", "requirements.txt")
    record = Record(kept, f"{code} {asked.seed}", go_on=asked.go_on, each=asked.all)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stopped = False
    try:
        if {"steps", "files"} & set(asked.parts):
            _without_a_platform(asked, record)
        if "platform" in asked.parts:
            strike_platform(chosen_blows(asked.only, asked.every or 1), record)
    except KeyboardInterrupt:
        stopped = True
    print(*record.table(), sep="\n")
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(one.ru_utime + one.ru_stime for one in used)
    print(f"  {(time.monotonic() - began) / 60:.0f} minutes, {processor / 60:.0f} of processor. Each fault is a line of {kept}")
    if stopped:
        print('Stopped. What is done is kept; go on with: make faults ARGS="--go-on"')
    return 0 if record.survived and not stopped else 1


def _without_a_platform(asked: argparse.Namespace, record: Record) -> None:
    """Faults of steps, and broken files, on a database server of their own."""
    with tempfile.TemporaryDirectory(prefix="suki-faults-") as folder, running_server() as server:
        root = Path(folder)
        root.chmod(0o755)  # as root the server runs as another user, who must reach its disks
        template = migrated_template(server)
        warm_start()
        gc.freeze()  # a forked process that collects garbage would copy all that is loaded
        if "steps" in asked.parts:
            gone = journey(server, template, root)
            strike_all(gone, chosen_faults(gone, asked.only, asked.every or 1, asked.seed), record)
        if "files" in asked.parts:
            kinds = chosen_kinds(asked.only, asked.every or (1 if asked.only else SOME))
            feed_all(server, template, root, kinds, asked.seed, record)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults ARGS=...", description=__doc__)
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=PARTS,
        help="faults of steps, broken files, faults of a running platform; all without it",
    )
    parser.add_argument("--seed", type=int, default=1, help="what is left to chance follows from it (default 1)")
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose group, step, file or name holds the text")
    parser.add_argument(
        "--every", type=int, metavar="N", help="only every Nth; 1: all files too, of which else every third is fed"
    )
    parser.add_argument("--all", action="store_true", help="also a line for each, with the sentence it was refused with")
    parser.add_argument("--go-on", action="store_true", help="go on with what a stopped run has kept, if the code is the same")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
