"""Prints how fast customer rows are cleaned; the figure is looked at, not judged, as machines differ."""

import random
import time

from include.cleaning.frames import clean_customers

from .factory import HABITS, mapped

GIVEN = ("Ana", "Maria Luisa", "José", "Łukasz", "太郎", "Hans-Peter", "Jun", "Ma. Theresa", "محمد", "민수")
FAMILY = ("Cruz", "dela Cruz", "Santos-Reyes", "Müller", "山田", "Nowak", "García López", "Tan", "علي", "김")


def test_rows_per_second(capsys):
    dice = random.Random(20260801)
    people = [
        {
            "full_name" if i % 3 else "given_name": f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}{i % 97}".rstrip("0123456789"),
            "emails": [f"{dice.choice('abcdef')}{i}@{dice.choice(('gmail.com', 'yahoo.com', 'gmial.com', 'firma.de'))}"],
            "phones": [f"0917{dice.randrange(10**7):07d}"],
            "birth_date": f"{dice.randrange(1, 13):02d}/{dice.randrange(1, 29):02d}/{dice.randrange(1950, 2005)}",
            "address_line": f"{dice.randrange(1, 300)} Mabini St.",
            "city": dice.choice(("Makati", "Quezon City", "Pasig")),
            "postcode": str(dice.randrange(1000, 1800)),
            "scope": "MNL01",
        }
        for i in range(2_000)
    ]
    frame = mapped("customers", *(dice.choice(people) for _ in range(8_000)))
    clean_customers(frame.iloc[:1], HABITS)
    began = time.process_time()
    cleaned = clean_customers(frame, HABITS)
    seconds = time.process_time() - began
    with capsys.disabled():
        print(
            f"\n  cleaned {len(frame):,} customer rows ({len(people):,} people) at {len(frame) / seconds:,.0f} rows/s of one core"
        )
    assert len(cleaned) == len(frame)
