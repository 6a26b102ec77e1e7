"""A tiny factory of snapshots: what is not said is null, as in a real one."""

from typing import Any

import numpy as np
import pandas as pd

from include.customer import CUSTOMER_FIELDS
from include.matching import ModelSpec, Weights, block, load_spec, score, train
from include.matching.comparing import Comparer
from include.matching.ladder import Ladder
from include.matching.table import encode

EVERYWHERE = frozenset({("eu", "eu")})


def snapshot(*people: dict[str, Any]) -> pd.DataFrame:
    """One record per dict of canonical fields; ids, region and nulls are added."""
    frame = pd.DataFrame(list(people), dtype=object)
    for field in CUSTOMER_FIELDS:
        if field.name not in frame:
            frame[field.name] = [[] if field.type == "texts" else None] * len(frame)
        elif field.type == "texts":
            frame[field.name] = [value if isinstance(value, list) else [] for value in frame[field.name]]
        else:
            frame[field.name] = frame[field.name].astype(object).where(frame[field.name].notna(), None)
    if "record_id" not in frame:
        frame.insert(0, "record_id", [f"{i:08x}-0000-8000-8000-000000000000" for i in range(len(frame))])
    if "region" not in frame:
        frame["region"] = "eu"
    mentioned = frame.get("mentioned_email_keys", pd.Series([[]] * len(frame), dtype=object))
    frame["mentioned_email_keys"] = [value if isinstance(value, list) else [] for value in mentioned]  # of their interactions
    return frame


def levels(one: dict[str, Any], other: dict[str, Any], spec: ModelSpec | None = None) -> dict[str, str]:
    """Level of every comparison of two records."""
    spec = spec or load_spec()
    codes = Comparer(encode(snapshot(one, other), spec), spec).levels(np.array([0]), np.array([1]))[0]
    return {
        name: Ladder.of(comparison).level(int(code))
        for (name, comparison), code in zip(spec.comparisons.items(), codes, strict=True)
    }


def resolve(frame: pd.DataFrame, spec: ModelSpec | None = None) -> tuple[Weights, pd.DataFrame]:
    """Train, block and score: the weights and the edges."""
    spec = spec or load_spec()
    weights = train(frame, spec)
    return weights, score(frame, block(frame, spec, EVERYWHERE).frame, spec, weights)


def pairwise_f1(truth: Any, found: Any) -> float:
    """F1 over all pairs within clusters."""
    truth, found = pd.factorize(np.asarray(truth))[0], pd.factorize(np.asarray(found))[0]

    def pairs(labels: Any) -> float:
        sizes = pd.Series(labels).value_counts().to_numpy(dtype=float)
        return float((sizes * (sizes - 1) / 2).sum())

    both = pairs(truth.astype(np.int64) * (found.max() + 1) + found)
    return 2 * both / (pairs(truth) + pairs(found))


GIVEN = [
    "anna", "ben", "carla", "david", "elena", "frank", "grace", "hugo", "irene", "jonas", "klara", "luis", "marta", "nils",
    "olga", "paul", "rita", "stefan", "tanya", "victor",
]  # fmt: skip
FAMILY = [
    a + b
    for a in ["bar", "cor", "dan", "fer", "gal", "hol", "kar", "lan", "mor", "nor", "pel", "ros", "san", "tor", "val", "wes"]
    for b in ["ach", "berg", "dini", "enko", "feld", "hart"]
]


def households(homes: int = 250, seed: int = 7) -> tuple[pd.DataFrame, list[int]]:
    """Homes of two to four people who share surname, phone and address; half the people are on record twice, with slips."""
    random = np.random.default_rng(seed)
    rows, truth = [], []
    for home in range(homes):
        family, phone = FAMILY[random.integers(len(FAMILY))], f"+49301{home:06d}"
        for given in random.choice(GIVEN, size=random.integers(2, 5), replace=False):
            person = {
                "given_key": str(given),
                "family_key": family,
                "birth_date": f"{random.integers(1940, 2005)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
                "phones": [phone],
                "house_number": str(home % 90 + 1),
                "street_key": f"street {home // 3}",
                "postcode": f"{10000 + home // 2}",
                "email_keys": [f"{given}.{family}{home}@example.org"] if random.random() < 0.6 else [],
            }
            for copy in range(2 if random.random() < 0.5 else 1):
                record = dict(person)
                if copy:
                    field = ("given_key", "family_key", "birth_date", "phones", "email_keys")[random.integers(5)]
                    record[field] = (
                        record[field][:-2] + record[field][-1]
                        if isinstance(record[field], str) and field != "birth_date"
                        else None
                    )
                rows.append(record)
                truth.append(len({*truth}) if not copy else truth[-1])
    return snapshot(*rows), truth
