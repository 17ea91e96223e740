"""Homes with a server of their own, for tests of what a machine may be like."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.office import Office


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="office") as name:
        yield Path(name)


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    found = Office(folder, folder / "home")
    yield found
    found.down()
