"""One Lab for each setting in a file of tests; each cell of its table a test of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.matrix import Labs


@pytest.fixture(scope="module")
def labs() -> Iterator[Labs]:
    """Labs that start when they are asked for."""
    with Labs() as started:
        yield started


@pytest.fixture(scope="module")
def foreign_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority that has nothing to do with any Lab."""
    import trustme

    file = tmp_path_factory.mktemp("foreign") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    return file
