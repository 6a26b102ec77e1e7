"""The services that APIs are read from in the tests of this room."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.api_servers.running import Server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Gives a service by its module's name, started once and without a memory of what it was asked before."""
    running: dict[str, Server] = {}
    with ExitStack() as opened:

        def server(module: str) -> Server:
            if module not in running:
                running[module] = opened.enter_context(Server(module, tmp_path_factory.mktemp(module)))
            running[module].forget()
            return running[module]

        yield server


@pytest.fixture(autouse=True)
def nothing_under_way() -> Iterator[None]:
    """What was asked ahead and is wanted no more is answered before another test looks at what is asked."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("asking"):
            thread.join(10)


@pytest.fixture
def desk(served: Callable[[str], Server]) -> Server:
    """Zendesk."""
    return served("zendesk")
