"""No pair is let go before it is compared that a close look would have kept."""

import numpy as np
import pytest
from rapidfuzz.distance import OSA

from include.matching import block, load_spec, score
from include.matching.comparing import Comparer
from include.matching.outlook import Outlook, slip_of_digits
from include.matching.scoring import Judge
from include.matching.spec import Thresholds
from include.matching.table import encode
from include.matching.training import train
from tests.unit.matching.factory import EVERYWHERE, households, snapshot

SPEC = load_spec()

POOLS = {
    "given_key": ["william", "bill", "wiliam", "maria", "mary", "m", "maria clara", "mariaclara", "john", "jon", "santos"],
    "family_key": ["santos", "santo", "santoz", "garcia lopez", "garcia", "smith", "schmidt", "schmitt", "maria", "g", "william"],
    "given_name": ["王小明", "小明", "曉明", "William", "Maria", "Wiliam"],
    "family_name": ["王", "汪", "Smith", "Santos"],
    "nickname": ["bill", "mary"],
    "company_name": ["bakery smith", "smith bakery", "bakery smit"],
    "birth_date": ["1985-03-07", "1985-07-03", "1985-03-08", "1958-03-07", "1985", "1985-03", "--03-07", "1985-3-7"],
    "name_suffix": ["jr", "sr"],
    "gender": ["female", "male"],
    "country": ["US", "DE"],
    "postcode": ["10115", "10116", "10151", "80331", "8033", "SW1A 1AA"],
    "city": ["berlin", "berlim", "munich", "new york", "new yorck"],
    "street_key": ["main street", "main stret", "mayn street", "oak avenue", "unter den linden"],
    "house_number": ["1", "2", "12"],
    "email_keys": ["maria.santos@a.org", "maria.santoz@a.org", "maria.santos@b.org", "mariasantos2@a.org", "w.smith@d.org"],
    "phones": ["+4930123456", "+493012345", "+4930123465", "0030123456", "+12125550100", "+12125550101"],
    "handles": ["instagram:mariasantos", "facebook:mariasantos", "instagram:william.smith"],
    "loyalty_ids": ["12345678", "12345679", "99999999"],
    "external_ids": ["crm:1", "crm:2", "shop:1"],
    "mentioned_email_keys": ["maria.santos@a.org", "maria.santos@b.org", "w.smith@d.org", "nobody@e.org"],
}  # fmt: skip

RARE = {"given_name", "family_name", "nickname", "company_name"}


def odd_people(count: int) -> list[dict[str, object]]:
    random = np.random.default_rng(5)
    people = []
    for _ in range(count):
        person: dict[str, object] = {}
        for field, pool in POOLS.items():
            held = [pool[i] for i in random.integers(len(pool), size=1 + (random.random() < 0.2))]
            if random.random() < (0.2 if field in RARE else 0.6):
                person[field] = held if field.endswith("s") else held[0]
        people.append(person)
    return people


@pytest.fixture(scope="module")
def weighed():
    frame, _ = households(120)
    table = encode(snapshot(*frame.drop(columns=["record_id", "region"]).to_dict("records"), *odd_people(160)), SPEC)
    learned = train(encode(frame, SPEC), SPEC)
    a, b = np.triu_indices(len(table), 1)
    levels = Comparer(table, SPEC).levels(a, b)
    return table, learned, a, b, Judge(SPEC, learned).judge(levels).weight


def test_a_pair_that_reaches_the_review_band_is_compared_wherever_that_band_begins(weighed):
    table, learned, a, b, weight = weighed
    dropped = 0
    for review in range(-60, 40, 4):
        spec = SPEC.model_copy(update={"thresholds": Thresholds(match=review, review=review)})
        promising = np.zeros(len(a), dtype=bool)
        promising[Outlook(table, spec, learned).promising(a, b)] = True
        lost = (weight >= review) & ~promising
        assert not lost.any(), (review, [(int(x), int(y)) for x, y in zip(a[lost][:3], b[lost][:3], strict=True)])
        dropped += int((~promising).sum())
    assert dropped > len(a)  # it does let pairs go


def test_values_nobody_has_let_no_pair_go_wrong():
    frame = snapshot({"email_keys": ["anna@x.org"]}, {"email_keys": ["anna@x.org"]}, {"phones": ["+4930123456"]}, {})
    learned = train(households(60)[0], SPEC)
    table = encode(frame, SPEC)
    a, b = np.triu_indices(len(table), 1)
    assert len(Outlook(table, SPEC, learned).promising(a, b)) >= 1
    assert len(score(table, block(table, SPEC, EVERYWHERE).frame, SPEC, learned)) == 1


def test_dates_may_be_one_slip_apart_wherever_they_are():
    random = np.random.default_rng(7)
    one = random.integers(0, 10, (4000, 8))
    other = np.where(random.random((4000, 8)) < 0.15, random.integers(0, 10, (4000, 8)), one)
    at = random.integers(0, 7, 4000)
    rows = np.arange(4000)
    other[rows[::2], at[::2]], other[rows[::2], at[::2] + 1] = one[rows[::2], at[::2] + 1], one[rows[::2], at[::2]]
    other[::5, 4:] = other[::5, [6, 7, 4, 5]]
    texts = [["".join(map(str, row)) for row in side] for side in (one, other)]
    slips = [OSA.distance(x, y) <= 1 or (x[:4] == y[:4] and x[4:] == y[6:] + y[4:6]) for x, y in zip(*texts, strict=True)]
    packed = [np.array([int(text, 16) for text in side], dtype=np.uint32) for side in texts]
    assert slip_of_digits(*packed).tolist() == slips
    assert 1000 < sum(slips) < 3500
