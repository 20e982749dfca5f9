"""One server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sim_server import Served, served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A simulated cluster over HTTPS, the same for a whole file."""
    with served(tmp_path_factory.mktemp("server")) as found:
        yield found
