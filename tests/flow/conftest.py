"""Homes with a server of their own, for tests of what a machine may be like."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.office import AT, Office


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="office") as name:
        yield Path(name)


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    found = Office(folder, folder / "home")
    yield found
    found.down()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a collect brings where nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    office = Office(folder, folder / "home")
    try:
        assert office.register().returncode == 0
        office.put_returns()
        assert office.command("collect", *AT).returncode == 0
        return office.collected()
    finally:
        office.down()
