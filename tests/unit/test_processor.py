"""numpy is kept from the instructions that are slow on the processor at hand, and only there."""

import subprocess
import sys
from pathlib import Path

import pytest

from include import processor

ROOT = Path(__file__).parents[2]
ZEN_4 = "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t\t: avx2 avx512f avx512vl\n\nprocessor\t: 1\nflags\t: fpu\n"


@pytest.fixture
def settled(tmp_path, monkeypatch):
    """What the environment says once a processor was looked at."""

    def look(text, already=None):
        file = tmp_path / "cpuinfo"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setattr(processor, "_ABOUT", file)
        monkeypatch.setenv(processor.VARIABLE, already or "")
        if already is None:
            monkeypatch.delenv(processor.VARIABLE)
        processor.settle()
        return processor.os.environ.get(processor.VARIABLE)

    return look


def test_on_zen_4_numpy_does_without_avx_512(settled):
    assert settled(ZEN_4) == "X86_V4 AVX512_ICL AVX512_SPR"


@pytest.mark.parametrize(
    "text",
    [
        ZEN_4.replace("avx512f", ""),
        ZEN_4.replace("AuthenticAMD", "GenuineIntel"),
        ZEN_4.replace(": 25", ": 26"),
        "CPU architecture: 8\nFeatures : fp asimd\n",
        "",
    ],
)
def test_anywhere_else_it_uses_what_there_is(settled, text):
    assert settled(text) is None


def test_what_somebody_chose_stands(settled):
    assert settled(ZEN_4, already="X86_V4") == "X86_V4"


def test_a_system_that_tells_nothing_of_its_processor_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "_ABOUT", tmp_path / "absent")
    monkeypatch.delenv(processor.VARIABLE, raising=False)
    processor.settle()
    assert processor.VARIABLE not in processor.os.environ


@pytest.mark.parametrize("package", ["include", "suki", "benchmarks"])
def test_it_is_settled_before_numpy_is_loaded(package):
    said = "import sys, PACKAGE; print('include.processor' in sys.modules, 'numpy' in sys.modules)".replace("PACKAGE", package)
    done = subprocess.run(
        [sys.executable, "-c", said],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["True", "False"]
