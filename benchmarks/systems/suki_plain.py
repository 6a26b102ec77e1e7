"""Suki's core with the comparisons and rules that plain fields need, for comparing speed where every system has these alone.

The same code and the same model table with less declared in it: names, date of birth, e-mail, phone, address and a dozen rules.
"""

from benchmarks.systems.suki_core import run
from include.matching import ModelSpec, load_spec

_COMPARISONS = ("given", "family", "birth_date", "email", "phone", "address")
_RULES = (
    "e-mail", "phone", "names and birth date", "names and postcode", "names and city", "names", "e-mail local part",
    "a name and birth date", "a name and home", "a name and postcode", "a name and street", "sounds and postcode",
)  # fmt: skip


def plain(spec: ModelSpec) -> ModelSpec:
    """The declared model, less what plain fields do not need."""
    declared = spec.model_dump()
    comparisons = {name: declared["comparisons"][name] for name in _COMPARISONS}
    vetoes = [veto for veto in declared["vetoes"] if veto["when"].keys() <= comparisons.keys()]
    for veto in vetoes:
        veto["unless"] = {name: levels for name, levels in veto["unless"].items() if name in comparisons}
    rules = [rule for rule in declared["blocking"] if rule["rule"] in _RULES]
    less = {"comparisons": comparisons, "blocking": rules, "vetoes": vetoes}
    return ModelSpec.parse({**declared, **less}, "the plain model")


if __name__ == "__main__":
    run("suki_plain", plain(load_spec()))
