"""What stands in the way on this machine, said in one sentence."""

from include.errors import SukiError


class Problem(SukiError):
    """Something about this machine must be changed by its owner; the sentence says what, and no traceback is shown."""
