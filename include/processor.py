"""Which instructions of the processor numpy should do without.

numpy sorts with AVX-512 wherever there is any. On AMD's Zen 4 one instruction of that way is very slow, so that a million numbers
take five times as long as by AVX2 (numpy/x86-simd-sort issue 6; OpenJDK makes the same exception). numpy reads what it should do
without from the environment, once, as it is loaded: so it is settled as the first of our packages is.
"""

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "NPY_DISABLE_CPU_FEATURES"
_ABOUT = Path("/proc/cpuinfo")
_SLOW = {("AuthenticAMD", "25"): ("X86_V4", "AVX512_ICL", "AVX512_SPR")}
"""Maker and family > numpy's names for what is slow there: Zen 4. Of Zen 3, the same family, it is not there to be used."""


def settle() -> None:
    """Have numpy do without what is slow here, unless the environment says already what it should do without."""
    if VARIABLE not in os.environ and (slow := " ".join(slow_here(_about()))):
        os.environ[VARIABLE] = slow


def slow_here(about: Mapping[str, str]) -> tuple[str, ...]:
    """What is there and slow, by numpy's names.

    Args:
        about: The processor, as Linux tells of it.
    """
    if "avx512f" not in about.get("flags", "").split():
        return ()
    return _SLOW.get((about.get("vendor_id", ""), about.get("cpu family", "")), ())


def _about() -> dict[str, str]:
    """What Linux says of the first processor; nothing elsewhere."""
    try:
        with _ABOUT.open(encoding="utf-8", errors="replace") as lines:
            first = iter(lambda: lines.readline().strip(), "")  # a blank line ends it
            return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in first)}
    except OSError:
        return {}
