"""A backup is restored beside the installation, proved and removed; what runs stays as it is."""

from pathlib import Path

import pytest

from etl import pipeline
from etl.pipeline import restore_checks
from etl.problems import SystemFault, UsageError
from etl.settings import settings
from tests.flow.shell import run
from tests.flow.test_backup import KEPT, archived, everything, kept, office

__all__ = ["kept", "office"]  # fixtures


@pytest.mark.slow
def test_a_backup_comes_back_beside_what_runs(office: Path, kept: Path) -> None:
    before, files = everything(), archived(office)
    assert pipeline.last_restore_check() is None
    told = run("restore", str(kept), "--check")
    assert told.code == 0, told.err
    assert "복원 점검 2022-01-06: 되살아나며, 같은 발표가 1건입니다." in told.out
    assert (everything(), archived(office)) == (before, files)
    assert settings().home.resolve() == office.resolve()
    assert [*office.glob("restore-check-*")] == []
    noted = pipeline.last_restore_check()
    assert noted is not None
    assert (noted.day, noted.verified, noted.differences) == (f"{KEPT:%Y-%m-%d}", 1, 0)


def test_what_came_back_otherwise_is_our_fault_and_noted(
    office: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = pipeline.Restored("곳", "2022-01-06", {}, 3, False, 1, 0, ["접수: 백업할 때 2, 뒤 1"])
    monkeypatch.setattr(restore_checks, "restore", lambda *_: told)
    with pytest.raises(SystemFault, match="2022-01-06 백업을 되살리니 다른 것이 1건입니다"):
        pipeline.check_backup(source=str(kept))
    noted = pipeline.last_restore_check()
    assert noted is not None
    assert noted.differences == 1


def test_without_a_backup_nothing_is_checked(office: Path) -> None:
    assert not pipeline.has_backups()
    with pytest.raises(UsageError, match="백업이 없습니다"):
        pipeline.check_backup()
    assert [*office.glob("restore-check-*")] == []
