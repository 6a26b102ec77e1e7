"""What the data show before anything is learned from them."""

from dataclasses import dataclass

from include.matching.namesakes import NamesInCommon
from include.matching.table import Ints


@dataclass(frozen=True)
class Evidence:
    """Level codes of pairs, one row a pair, one column a comparison, and how many pairs there are.

    Attributes:
        random: Of random pairs, nearly all of them strangers.
        one_given_name: Of random pairs that share a given name but no family name, nearly all of them strangers too, and of
            one country and culture as often as the strangers are that blocking brings together.
        blocked: Of the pairs blocking found, or of an even share of them.
        weight_of_pair: How many blocked pairs each of those stands for.
        certain: How many pairs a near-certain rule found.
        total: All pairs of the records, compared or not.
        names: How often they have names in common; None where they are too few to say.
    """

    random: Ints
    one_given_name: Ints
    blocked: Ints
    weight_of_pair: float
    certain: int
    total: float
    names: NamesInCommon | None = None
