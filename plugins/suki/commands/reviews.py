"""List what waits for a steward: customers who may be one, those first whose decision is worth most.

A question leaves the list once it is answered (suki decide) or once it settled itself, and no pair is asked twice.
"""

import argparse
import json

from suki.arguments import whole_number

ROLE = "suki_steward"
"""Who may see what waits."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and how many a day."""
    parser.add_argument("--limit", type=whole_number, default=20, metavar="N", help="how many to show; default 20")
    parser.add_argument(
        "--capacity",
        type=whole_number,
        metavar="N",
        help="say which review threshold fits N answers a day, and what was answered",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines, all of them")


def run(arguments: argparse.Namespace) -> int:
    """Ask the warehouse."""
    from suki import connections

    with connections.warehouse(ROLE, "reading what waits for a steward") as warehouse:
        from include.warehouse import decisions, pins

        whole = arguments.json or arguments.capacity
        rows = decisions.reviews(warehouse, None if whole else arguments.limit)
        offered = pins.offered(warehouse)
        answers = decisions.answers(warehouse) if arguments.capacity else []
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return 0
    from suki.deciding.words import capacity_lines, review_lines

    print("\n".join(review_lines(rows, arguments.limit, offered)))
    if arguments.capacity:
        import pandas as pd

        from include.matching import load_spec
        from include.matching.reviewing import by_capacity, by_weight

        weights, in_force = [row["weight"] for row in rows], load_spec().thresholds.review
        given = pd.DataFrame(answers, columns=["weight", "decision"])
        choice = by_capacity(weights, arguments.capacity, in_force)
        print("", *capacity_lines(choice, arguments.capacity, in_force, by_weight(weights, given)), sep="\n")
    return 0
