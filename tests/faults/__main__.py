"""``make faults``: faults and broken files, and what became of each, as tables; an error if one is not survived."""

import argparse
import sys
import tempfile
from pathlib import Path

from suki.listeners.warm_start import warm_start
from tests.faults.files_table import chosen_kinds, feed_all
from tests.faults.steps_table import chosen_faults, journey, strike_all
from tests.postgres_fixture import migrated_template, running_server

SOME = 3
"""Of each group of broken files every third is fed, which is more than 200, unless it is said otherwise."""
PARTS = ("steps", "files")


def main() -> int:
    """Strike and feed; 1 if anything is not survived."""
    asked = _asked()
    survived = []
    with tempfile.TemporaryDirectory(prefix="suki-faults-") as folder, running_server() as server:
        root = Path(folder)
        root.chmod(0o755)  # as root the server runs as another user, who must reach its disks
        template = migrated_template(server)
        warm_start()
        if "steps" in asked.parts:
            gone = journey(server, template, root)
            chosen = chosen_faults(gone, asked.only, asked.every or 1, asked.seed)
            if chosen:
                survived.append(strike_all(gone, chosen, each=asked.all))
        kinds = chosen_kinds(asked.only, asked.every or (1 if asked.only else SOME)) if "files" in asked.parts else []
        if kinds:
            survived.append(feed_all(server, template, root, kinds, asked.seed, each=asked.all))
    return 0 if all(survived) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults ARGS=...", description=__doc__)
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=PARTS,
        help="faults of steps, broken files; both without it",
    )
    parser.add_argument("--seed", type=int, default=1, help="what is left to chance follows from it (default 1)")
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose group, step, file or name holds the text")
    parser.add_argument(
        "--every", type=int, metavar="N", help="only every Nth; 1: all files too, of which else every third is fed"
    )
    parser.add_argument("--all", action="store_true", help="also a line for each, with the sentence it was refused with")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
