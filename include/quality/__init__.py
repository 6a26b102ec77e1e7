"""Quality: gates between the steps, the suites they judge by, and the report of what they found.

Importing this room costs nothing heavy; Great Expectations is imported when the first gate is built.
"""

from include.quality.gate import Gate, judge, window_facts
from include.quality.suite import check_additions, load_suite, of_readings, of_rows, suite_names, within_volume
from include.quality.verdict import Result, Verdict

__all__ = [
    "Gate",
    "Result",
    "Verdict",
    "check_additions",
    "judge",
    "load_suite",
    "of_readings",
    "of_rows",
    "suite_names",
    "window_facts",
    "within_volume",
]
