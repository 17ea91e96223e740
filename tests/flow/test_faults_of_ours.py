"""Our own faults stop the run, commit nothing, and name what to do: never a silent half."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from etl import archive, pipeline, warehouse
from etl.check import judging, rules
from etl.problems import SystemFault
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import transaction
from tests.factories import return_workbook


@pytest.fixture
def judge() -> None:
    """Great Expectations itself."""


AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)


def staged(world: Path) -> int:
    path = return_workbook(world / "r.xlsx", progress=[{"이행률(%)": 101}])
    batch_id = pipeline.receive([str(path)], AT).batch_id
    assert batch_id is not None
    pipeline.read(batch_id)
    return batch_id


def count(table: str) -> int:
    with transaction() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.mark.slow
def test_a_broken_rule_judges_nothing(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_id = staged(world)
    whole = rules()
    broken = [replace(r, condition="no_such_column > 1") if r.id == "P-09" else r for r in whole]
    with monkeypatch.context() as patched:
        patched.setattr(judging, "rules", lambda: broken)
        with pytest.raises(SystemFault, match="P-09"):
            pipeline.check(batch_id)
    assert count("audit.finding") == 0
    pipeline.check(batch_id)  # and the mended catalogue judges the same batch
    assert count("audit.finding") > 0


def test_a_changed_byte_in_the_archive_is_named(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    sha256 = archive.put(path.read_bytes())
    kept = next((world / "archive").rglob(sha256))
    kept.write_bytes(kept.read_bytes()[:-1] + b"\1")
    with pytest.raises(SystemFault, match=sha256):
        archive.get(sha256)
    with pytest.raises(SystemFault, match=sha256):
        pipeline.check_archive()


def test_a_missing_file_of_a_receipt_is_named(world: Path) -> None:
    batch_id = staged(world)
    pipeline.check(batch_id)
    pipeline.check_archive()
    with transaction() as connection:
        sha256 = connection.execute(
            text("SELECT sha256 FROM audit.submission WHERE batch_id = :b"), {"b": batch_id}
        ).scalar_one()
    next((world / "archive").rglob(sha256)).unlink()
    with pytest.raises(SystemFault, match=sha256):
        pipeline.check_archive()


def test_the_journal_tells_what_happened_in_its_order(world: Path) -> None:
    path = return_workbook(world / "r.xlsx")
    pipeline.collect([str(path)], at=AT)
    events, damaged = archive.events()
    assert damaged == []
    told = [(event.kind, event.lines[0].get("accepted")) for event in events[-4:]]
    assert told == [("read", None), ("check", None), ("acceptance", 1), ("answer", None)]
    (receipt,) = [event for event in events if event.kind == "receipt" and event.at == AT]
    assert {receipt.at, *(event.at for event in events[-3:-1])} == {AT}


def test_migrating_again_changes_nothing(world: Path) -> None:
    assert not warehouse.migrate()
    assert settings().home == world
