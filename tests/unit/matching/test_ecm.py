"""What the classes of a pair may be made of, and what strangers."""

import numpy as np

from include.matching import encode, load_spec
from include.matching.ecm import DISTINCT, HOUSEHOLD, AnchoredECM
from include.matching.evidence import Evidence
from include.matching.learning import Strangers, declared_field
from tests.unit.matching.factory import households


def test_a_household_is_never_made_of_pairs_that_agree_on_the_given_name():
    spec = load_spec()
    table = encode(households(60)[0], spec)
    fields = [declared_field(table, name, comparison) for name, comparison in spec.comparisons.items()]
    given = next(field for field in fields if field.name == "given")
    prior = np.array([0.9, 1e-9, 0.1, 1e-9])  # nearly every pair that looks like anything is held to be a household
    codes = np.zeros((200, len(fields)), dtype=np.int8)
    column = fields.index(given)
    codes[:190, column] = given.ladder.names.index("close") + 1
    codes[190:, column] = 1
    kernel = AnchoredECM(fields, prior, 200.0, (np.zeros(4), np.ones(4)), max_iter=1)
    given.chances[HOUSEHOLD] = 1.0
    kernel.fit(codes)
    # Ten pairs differ; of those that agree but for a slip at most one in twenty of the class may stay in it.
    assert np.exp(kernel.class_log_prior_[HOUSEHOLD]) <= 10 / 0.95 / 200 + 1e-6


def test_what_compared_strangers_have_in_common_is_no_rarer_among_all_strangers():
    spec = load_spec()
    table = encode(households(60)[0], spec)
    fields = [declared_field(table, name, comparison) for name, comparison in spec.comparisons.items()]
    given, address = (next(field for field in fields if field.name == name) for name in ("given", "address"))
    street = address.ladder.names.index("street") + 1
    random = np.zeros((10_000, len(fields)), dtype=np.int8)
    random[:, fields.index(given)] = random[:, fields.index(address)] = 1  # nobody here shares a street ...
    blocked = random[:100].copy()
    blocked[:, fields.index(address)] = street  # ... a hundred of those compared do, and are called otherwise
    total = 1e6
    found = Strangers(table, spec, Evidence(random, random[:0], blocked, 1.0, 50, total))
    found.read(fields, None)
    assert address.chances[DISTINCT, street] < 50 / total
    found.read(fields, np.array([1 - 3e-9, 1e-9, 1e-9, 1e-9]))
    assert address.chances[DISTINCT, street] > 90 / total
