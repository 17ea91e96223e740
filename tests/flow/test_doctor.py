"""What `gongyak doctor` says of a home that is well, empty or broken; it changes nothing anywhere."""

import json
import shutil
import stat
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from etl import doctor, pipeline, service, warehouse
from etl.backups import MANIFEST
from etl.doctor import airflow, examine, places
from etl.doctor.record import Check, Finding, Record, good
from etl.home import BEGUN_RESTORE
from etl.problems import OutageError
from etl.quarter import SEOUL, seoul_now
from etl.settings import another_home, settings
from etl.warehouse import transaction
from tests.factories import return_workbook
from tests.flow.shell import run

AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)


@pytest.fixture(autouse=True)
def quiet_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other installation's Airflow answers a test."""
    monkeypatch.setattr(service, "health", lambda *_: None)


def told(name: str) -> Record:
    (found,) = [one for one in examine(seconds=60) if one.name == name]
    return found


def files(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if "pg" not in path.parts}


def test_a_home_that_is_well_has_only_remarks(world: Path) -> None:
    world.chmod(0o700)
    before = files(world)
    said = run("doctor", "--json")
    records = {one["name"]: one for one in json.loads(said.out)}
    assert list(records) == [check.name for check in doctor.all_checks()]
    states = {name: one["state"] for name, one in records.items()}
    del states["home"]  # its disk is this machine's
    # No browser in tests, no Airflow, no backup yet.
    assert {name for name, state in states.items() if state != "good"} == {
        "browser", "airflow", "dag_runs", "schedule", "backup",
    }  # fmt: skip
    assert "broken" not in states.values()
    assert "파일 1개" in records["archive"]["said"]  # the register
    assert all(records[name]["remedy"] for name, state in states.items() if state != "good")
    assert records["home"]["state"] == "broken" or said.code == 0
    assert files(world) == before


def test_with_nothing_there_nothing_is_made(empty_home: Path) -> None:
    empty_home.rmdir()
    said = run("doctor")
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == len(doctor.all_checks())
    assert "내장 데이터베이스가 아직 없습니다" in said.out
    assert not empty_home.exists()


def test_a_stopped_server_is_not_started(empty_home: Path) -> None:
    (empty_home / "pg").mkdir()
    (empty_home / "pg" / "PG_VERSION").write_text("18\n")
    assert told("database").said == "내장 데이터베이스가 꺼져 있습니다"
    assert told("journal").state == "remark"
    assert list(empty_home.rglob("*")) == [empty_home / "pg", empty_home / "pg" / "PG_VERSION"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("free", "mode", "state"),
    [
        (5 * 2**30, 0o700, "good"),
        (5 * 2**30, 0o750, "remark"),
        (2**30, 0o700, "remark"),
        (2**20, 0o700, "broken"),
    ],
)
def test_room_and_mode_of_the_home(
    home: Path, monkeypatch: pytest.MonkeyPatch, free: int, mode: int, state: str
) -> None:
    home.chmod(mode)
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert told("home").state == state
    assert stat.S_IMODE(home.stat().st_mode) == mode


def test_what_a_check_raises_is_its_own_line() -> None:
    def fails() -> Finding:
        raise RuntimeError("no way to sftp://me:secret@there password=hunter2\nTraceback")

    def outage() -> Finding:
        raise OutageError("디스크가 없습니다.", "그대로입니다.", "디스크를 다십시오.")

    found = examine(
        [Check("a", "가", fails), Check("b", "나", outage), Check("c", "다", lambda: good("됨"))]
    )
    assert [one.state for one in found] == ["broken", "broken", "good"]
    assert found[0].said == (
        "살피다가 멈추었습니다(RuntimeError: no way to sftp://me:…@there password=…)"
    )
    assert (found[1].said, found[1].remedy) == ("디스크가 없습니다", "디스크를 다십시오.")


def test_a_check_that_hangs_holds_nobody_up() -> None:
    def hangs() -> Finding:
        time.sleep(60)
        return good("늦음")

    slow, quick = examine([Check("a", "가", hangs), Check("b", "나", lambda: good("됨"))], 0.5)
    assert (slow.state, slow.said) == ("broken", "0.5초 안에 답하지 않았습니다")
    assert quick.state == "good"


def test_settings_are_told_with_where_they_come_from(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "GONGYAK_BACKUP_URL=sftp://me:secret@there/kept\nGONGYAK_BAKCUP_DAYS=3\nOTHER=1\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGYAK_BACKUP_DAYS", "7")
    settings.cache_clear()
    found = told("settings")
    assert found.state == "remark"
    assert "GONGYAK_BAKCUP_DAYS(GONGYAK_BACKUP_DAYS의 잘못으로 보임)" in found.said
    assert "GONGYAK_BACKUP_DAYS=7(환경변수)" in found.said
    assert "GONGYAK_BACKUP_URL=sftp://me:…@there/kept(.env)" in found.said
    assert "secret" not in found.said


def test_a_secret_is_shown_nowhere(home: Path) -> None:
    url = "postgresql://me:hunter2@127.0.0.1:1/w"
    with another_home({"GONGYAK_DATABASE_URL": url}):
        said = run("doctor")
    assert "hunter2" not in said.out + said.err
    assert "GONGYAK_DATABASE_URL=(감춤)(환경변수)" in said.out
    assert "데이터베이스가 응답하지 않습니다" in said.out
    assert said.code == 1


def test_settings_that_cannot_be_read_are_said_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_AIRFLOW_PORT", "eighty")
    settings.cache_clear()
    said = run("doctor")
    monkeypatch.delenv("GONGYAK_AIRFLOW_PORT")
    settings.cache_clear()
    assert said.code == 1
    assert "Traceback" not in said.out + said.err
    assert said.out.count("값을 쓸 수 없는 설정: GONGYAK_AIRFLOW_PORT='eighty'") == 1
    assert [line[:2] for line in said.out.splitlines()].count("고장") == 1


def test_folders_that_are_none_are_told(world: Path) -> None:
    for name in ("archive", "inbox", "backup"):
        shutil.rmtree(world / name, ignore_errors=True)
        (world / name).write_text("no folder")
    (world / "published").write_text("no folder")
    states = {one.name: one.state for one in examine(seconds=60)}
    assert {name for name, state in states.items() if state == "broken"} - {"home"} == {
        "archive", "inbox", "folders", "backup",
    }  # fmt: skip
    assert "Traceback" not in run("doctor").out


def test_a_restore_that_was_begun_is_told(home: Path) -> None:
    (home / BEGUN_RESTORE).write_text("{}")
    assert told("home").state == "broken"
    assert "되살리다 만 곳" in told("home").said


@pytest.mark.slow
def test_files_that_wait_and_events_that_the_archive_lacks(world: Path) -> None:
    (world / "inbox").mkdir()
    return_workbook(world / "inbox" / "a.xlsx", progress=[{"공약번호": "1-1"}])
    assert told("inbox").said.endswith("기다리는 파일 1개")
    pipeline.collect(at=AT)
    assert told("inbox").state == "good"
    with transaction() as connection:
        connection.execute(
            text("UPDATE audit.event SET is_in_archive = FALSE WHERE event_kind = 'check'")
        )
        connection.execute(text("UPDATE audit.batch SET counted_at = NULL"))
    assert "2건이 아직 보관소에 없습니다" in told("journal").said  # the register's and the return's
    assert told("unfinished").said.startswith("지표를 쓰지 못한 묶음 ")


def test_a_file_set_aside_needs_a_person(world: Path) -> None:
    with transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE audit.submission SET state = 'set_aside';"
            "INSERT INTO audit.fault (submission_id, batch_id, stage, happened_at, code_version,"
            " error_type, place, trace) SELECT submission_id, batch_id, 'read', received_at, '0',"
            " 'KeyError', 'rows.py:12', '' FROM audit.submission"
        )
    found = told("set_aside")
    assert (found.state, found.said) == (
        "broken", "프로그램의 잘못으로 따로 둔 파일 1개: 접수 1(rows.py:12)",
    )  # fmt: skip
    assert run("doctor").code == 1


def test_a_schema_of_another_release(world: Path) -> None:
    assert told("database").said.endswith(", 이 프로그램의 것과 같습니다")
    for number, state in (("0016", "remark"), ("0099", "broken")):
        with transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": number})
        assert told("database").state == state


@pytest.mark.slow
def test_backups_are_looked_at(world: Path) -> None:
    today = seoul_now().astimezone(SEOUL)
    pipeline.back_up(at=today)
    assert told("backup").state == "good"
    assert "(0일 전)" in told("backup").said
    day = world / "backup" / f"{today:%Y-%m-%d}"
    next(day.glob("warehouse-*")).unlink()
    assert "1개가 없거나 상했습니다" in told("backup").said
    (day / MANIFEST).write_text("{")
    assert told("backup").state == "broken"
    shutil.rmtree(day)
    pipeline.back_up(at=today - timedelta(days=3))
    assert (told("backup").state, "(3일 전)" in told("backup").said) == ("remark", True)


def test_the_last_run_of_each_dag(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    airflow_engine = create_engine(warehouse.database_url(warehouse.AIRFLOW))
    tables = (
        "CREATE TABLE dag (dag_id text, is_paused bool, is_stale bool, has_import_errors bool,"
        " next_dagrun_create_after timestamptz);"
        "CREATE TABLE dag_run (dag_id text, state text, end_date timestamptz,"
        " start_date timestamptz, run_after timestamptz, run_id text);"
        "INSERT INTO dag VALUES ('keep_house', false, false, false, now() - interval '50 minutes'),"
        " ('gone', false, true, false, '2022-01-07'), ('open_quarter', true, false, null,"
        " '2022-01-07');"
        "INSERT INTO dag_run VALUES"
        " ('keep_house', 'failed', '2022-01-05 00:01Z', null, '2022-01-05 00:00Z'),"
        " ('keep_house', 'success', '2022-01-06 00:01Z', null, '2022-01-06 00:00Z')"
    )
    try:
        with airflow_engine.begin() as connection:
            connection.exec_driver_sql(tables)
        found = told("dag_runs")
        assert (found.state, found.said) == (
            "remark", "keep_house 성공 2022-01-06 09:01, open_quarter 돈 적 없음, 멈춰 둠",
        )  # fmt: skip
        assert told("schedule").said == "놓친 예약이 없습니다"  # one late, one paused, one gone
        with airflow_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE dag_run SET state = 'failed'")
            due = "UPDATE dag SET next_dagrun_create_after = '2022-01-07 00:00Z'"
            connection.exec_driver_sql(due)
        assert told("dag_runs").state == "broken"
        # Nobody runs Airflow here: what was missed is no fault then.
        said = "Airflow가 꺼져 있어 놓친 예약: keep_house 2022-01-07 09:00"
        assert (told("schedule").state, told("schedule").said) == ("remark", said)
        monkeypatch.setattr(service, "running_names", lambda: ALL)
        assert told("schedule").state == "broken"
    finally:
        with airflow_engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS dag, dag_run")
        airflow_engine.dispose()


WELL = dict.fromkeys(("metadatabase", "scheduler", "dag-processor"), "healthy")
ALL = set(service.PROCESSES)


@pytest.mark.parametrize(
    ("running", "health", "state", "said"),
    [
        (ALL, WELL, "good", "데이터베이스 건강함, 스케줄러 건강함, DAG 처리기 건강함"),
        (ALL, None, "broken", "답하지 않습니다"),
        (ALL, {**WELL, "scheduler": "unhealthy"}, "broken", "스케줄러 unhealthy"),
        (ALL - {"watchdog"}, WELL, "broken", "멈춘 프로세스: watchdog"),
        (set(), None, "remark", "꺼져 있습니다"),
        (set(), WELL, "remark", "이 홈에서 켜지 않은 Airflow"),
    ],
)
def test_airflow_says_how_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch, running: Any, health: Any, state: str, said: str
) -> None:
    monkeypatch.setattr(airflow, "service", SimpleNamespace(
        running_names=lambda: running, health=lambda *_: health, PROCESSES=service.PROCESSES
    ))  # fmt: skip
    found = airflow.processes()
    assert found.state == state
    assert said in found.said
