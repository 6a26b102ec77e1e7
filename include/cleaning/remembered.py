"""Answers kept for texts that come again; a text so long that it hardly comes twice is answered anew and never kept."""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")

MOST, LONGEST = 8_192, 1_000
"""Answers kept by a function, and characters of a text it keeps one for: some megabytes, whatever an export holds."""


def remembered(function: Callable[Concatenate[str, P], Answer]) -> Callable[Concatenate[str, P], Answer]:
    """The function with a memory that texts as they were delivered cannot fill."""
    kept = lru_cache(maxsize=MOST)(function)

    @wraps(function)
    def answer_alone(text: str, /) -> Answer:  # room for other arguments costs as much as the memory itself
        return kept(text) if len(text) <= LONGEST else function(text)  # type: ignore[call-arg]

    @wraps(function)
    def answer(text: str, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        if len(text) > LONGEST:
            return function(text, *args, **kwargs)
        return kept(text, *args, **kwargs)  # type: ignore[arg-type]  # lru_cache knows no parameters

    asked: Any = answer_alone if len(signature(function).parameters) == 1 else answer
    asked.cache_clear = kept.cache_clear
    return asked  # type: ignore[no-any-return]
