"""A whole installation into a backup and back: the same again, or one line and nothing touched."""

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from etl import archive, pipeline, warehouse
from etl.backups import MANIFEST, Manifest, Place
from etl.home import BEGUN_RESTORE
from etl.pipeline import backups, restoring
from etl.problems import OutageError, SystemFault, UsageError
from etl.quarter import SEOUL
from etl.settings import another_home, settings
from etl.warehouse import backup as dumping, embedded, transaction
from tests.conftest import fresh_home, registered
from tests.earlier_schema import back_to
from tests.factories import GOVERNMENT, return_workbook
from tests.flow.shell import run
from tests.flow.test_collect import rate
from tests.flow.test_verify import approve

SENT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
KEPT = datetime(2022, 1, 6, 9, 0, tzinfo=SEOUL)
DAY = timedelta(days=1)
KEYS = {"keys.json": b'{"fernet": "f"}', "password.json": b'{"admin": "p"}'}
_TABLES = """
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema IN ('audit', 'staging', 'core', 'mart', 'restricted')
AND table_name NOT IN ('turn', 'schema_content') ORDER BY 1
"""


def send(home: Path, name: str, department: str, pledge: str, at: datetime, value: int) -> None:
    path = return_workbook(home / name, department=department, progress=[rate(pledge, value)])
    assert pipeline.collect([str(path)], at=at).accepted == 1


def happened(home: Path) -> None:
    """A register, two returns, a release, and the keys of an installation."""
    registered(home)
    send(home, "first.xlsx", "D01", "1-1", SENT, 60)
    send(home, "second.xlsx", "D02", "2-1", SENT, 10)
    approve(1, SENT + timedelta(hours=1))
    (home / "airflow").mkdir()
    for name, content in KEYS.items():
        (home / "airflow" / name).write_bytes(content)


@pytest.fixture
def office(begin: Callable[[Callable[[Path], None]], Path]) -> Path:
    return begin(happened)


@pytest.fixture
def kept(office: Path, tmp_path: Path) -> Path:
    """The backups of the office: one of 2022-01-06."""
    pipeline.back_up(str(tmp_path / "kept"), KEPT)
    return tmp_path / "kept"


@pytest.fixture
def new_home(server: Path, kept: Path, tmp_path: Path) -> Iterator[Path]:
    """Another machine: an empty home with an empty warehouse."""
    with fresh_home(server, tmp_path / "new") as home:
        yield home


def everything() -> dict[str, list[str]]:
    """All rows of the warehouse that count."""
    with transaction() as connection:
        tables = connection.execute(text(_TABLES)).scalars().all()
        return {
            table: [
                str(row)
                for row in connection.execute(
                    text(f"SELECT to_jsonb(t) FROM {table} AS t ORDER BY to_jsonb(t)")
                ).scalars()
            ]
            for table in tables
        }


def archived(home: Path) -> dict[str, bytes]:
    root = home / "archive"
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def day_folder(kept: Path) -> Path:
    return kept / "2022-01-06"


def manifest_of(kept: Path) -> Manifest:
    return Place(str(kept)).manifest("2022-01-06")


def part_path(kept: Path, role: str) -> Path:
    return kept / manifest_of(kept).of(role)[0].path


def untouched(home: Path) -> bool:
    """Tell whether a home has nothing but the way to the shared server, and its warehouse no row."""
    names = {path.name for path in home.iterdir()}
    return names == {"pg", "run"} and everything()["audit.submission"] == []


@pytest.mark.slow
def test_what_a_backup_holds(office: Path, kept: Path) -> None:
    told = manifest_of(kept)
    # A register and two returns; both returns are of one government's 2021Q4, which was released.
    assert (told.holds["governments"], told.holds["quarters"]) == (1, 1)
    assert (told.holds["submissions"], told.holds["releases"]) == (3, 1)
    assert told.lacking == ()
    assert [part.name for part in told.of("database")] == ["warehouse"]  # Airflow was never up
    assert {part.name: part.size for part in told.of("archive")} == {
        name: len(content) for name, content in archived(office).items()
    }
    assert [part.name for part in told.of("key")] == ["airflow/keys.json", "airflow/password.json"]
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert sorted(path.relative_to(kept).as_posix() for path in files) == sorted(
        [f"2022-01-06/{MANIFEST}", *(part.path for part in told.parts)]
    )


@pytest.mark.slow
def test_a_restored_installation_is_the_same_and_proves_it(
    server: Path, office: Path, kept: Path, tmp_path: Path
) -> None:
    before, files = everything(), archived(office)
    with fresh_home(server, tmp_path / "new") as home:
        told = pipeline.restore(str(kept))
        assert (told.differences, told.verified) == ([], 1)
        assert everything() == before
        assert archived(home) == files
        for name, content in KEYS.items():
            path = home / "airflow" / name
            assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (content, 0o600)
        assert not (home / BEGUN_RESTORE).exists()
        assert warehouse.analyst_query("SELECT COUNT(*) FROM mart.release")[1] == [(1,)]
        # It goes on from there, with the same backups.
        send(home, "third.xlsx", "D03", "2-2", SENT + 2 * DAY, 30)
        assert pipeline.back_up(str(kept), KEPT + 2 * DAY).copied > 0
        assert pipeline.verify("2021Q4", GOVERNMENT).differences == []


def _cut(kept: Path) -> None:
    path = part_path(kept, "database")
    path.write_bytes(path.read_bytes()[:-1])


def _turn_a_bit(kept: Path) -> None:
    path = part_path(kept, "database")
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def _edit(kept: Path) -> None:
    path = day_folder(kept) / MANIFEST
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"holds": {}}), encoding="utf-8")


def _of_a_later_release(kept: Path) -> None:
    told = json.loads((day_folder(kept) / MANIFEST).read_text(encoding="utf-8"))
    told.pop("sha256")
    from etl.backups import _hash_of

    told["migration"] = "0099"
    (day_folder(kept) / MANIFEST).write_text(json.dumps(told | {"sha256": _hash_of(told)}))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "the dump was cut off": (_cut, r"부분 1개가 없거나 쓴 뒤에 바뀌었습니다: 2022-01-06/warehouse-"),
    "a bit of the dump turned": (_turn_a_bit, "2022-01-06/warehouse-"),
    "an archived file is gone": (lambda kept: part_path(kept, "archive").unlink(), "archive/files/"),
    "a key is gone": (lambda kept: part_path(kept, "key").unlink(), "2022-01-06/keys-"),
    "the manifest was edited": (_edit, "온전하지 않습니다: 쓴 뒤에 바뀌었습니다"),
    "the manifest was cut off": (
        lambda kept: (day_folder(kept) / MANIFEST).write_bytes(b'{"kind": "gong'), "잘렸거나",
    ),
    "the manifest is gone": (
        lambda kept: (day_folder(kept) / MANIFEST).unlink(), "백업이 없습니다",
    ),
    "a folder of something else": (
        lambda kept: (shutil.rmtree(kept), (kept / "photos").mkdir(parents=True)),
        "백업이 없습니다",
    ),
    "another program's manifest": (
        lambda kept: (day_folder(kept) / MANIFEST).write_text('{"kind": "backup"}'),
        "gongyak의 백업 목록이 아닙니다",
    ),
    "no folder": (shutil.rmtree, "백업이 없습니다"),
    "of a later release": (_of_a_later_release, r"스키마 판\(0099\)을 모릅니다"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_backup_is_one_line_and_touches_nothing(
    name: str, kept: Path, new_home: Path
) -> None:
    damage, said = DAMAGES[name]
    damage(kept)
    with pytest.raises(UsageError, match=rf"{said}.*아무것도 바뀌지 않았습니다"):
        pipeline.restore(str(kept))
    assert untouched(new_home)


@pytest.mark.slow
def test_another_day_stands_in_for_a_damaged_one(kept: Path, new_home: Path, server: Path) -> None:
    shutil.copytree(day_folder(kept), kept / "2022-01-07")
    with pytest.raises(UsageError, match=r"2022-01-07 백업이 상했습니다.*다른 날\(2022-01-06\)"):
        pipeline.restore(str(kept))
    for day, said in (("2022-01-05", r"있는 날\(2022-01-06, 2022-01-07\)"), ("어제", "읽을 수 없")):
        with pytest.raises(UsageError, match=said):
            pipeline.restore(str(kept), day)
    assert untouched(new_home)
    assert pipeline.restore(str(kept), "2022-01-06").differences == []


@pytest.mark.slow
def test_only_an_empty_home_takes_a_backup_in(kept: Path, new_home: Path) -> None:
    (new_home / "airflow").mkdir()
    (new_home / "airflow" / "keys.json").write_text("{}")
    with pytest.raises(UsageError, match="airflow에 이미 파일이 있습니다"):
        pipeline.restore(str(kept))
    shutil.rmtree(new_home / "airflow")
    registered(new_home)
    (new_home / "elsewhere").mkdir()
    for name in ("archive", "outbox"):
        with pytest.raises(UsageError, match=f"{name}에 이미 파일이 있습니다"):
            pipeline.restore(str(kept))
        shutil.move(new_home / name, new_home / "elsewhere" / name)
    before = everything()
    with pytest.raises(UsageError, match="창고에 이미 자료가 있습니다"):
        pipeline.restore(str(kept))
    assert everything() == before
    assert not (new_home / BEGUN_RESTORE).exists()


def test_the_office_of_another_program_is_not_overwritten(kept: Path, new_home: Path) -> None:
    with transaction() as connection:
        connection.exec_driver_sql("CREATE SCHEMA payroll; CREATE TABLE payroll.salary ()")
    with pytest.raises(UsageError, match="창고에 이미 자료가 있습니다"):
        pipeline.restore(str(kept))


STEPS = ("read_back", "_bring_archive", "migrate", "write_journal", "check_archive", "verify")


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_restore_that_was_killed_is_begun_again(
    step: str, kept: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restoring, step, killed)
        with pytest.raises(KeyboardInterrupt):
            pipeline.restore(str(kept))
    said = run("status", "2021Q4")
    assert (said.code, said.out) == (2, "")
    assert "되살리다 만 곳입니다" in said.err
    shutil.copytree(kept, kept.with_name("other"))
    with pytest.raises(UsageError, match=rf"gongyak restore {kept} --day 2022-01-06로 끝내거나"):
        pipeline.restore(str(kept.with_name("other")))
    told = pipeline.restore(str(kept))
    assert (told.differences, told.verified, told.holds["submissions"]) == ([], 1, 3)
    assert run("status", "2021Q4").code == 0


@pytest.mark.slow
def test_what_another_home_brought_into_the_server_since_is_not_dropped(
    kept: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(restoring, "read_back", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.restore(str(kept))
    shutil.move(new_home / BEGUN_RESTORE, kept)  # as seen from a second home on one server
    warehouse.migrate()
    registered(new_home)
    for name in ("archive", "outbox"):
        shutil.rmtree(new_home / name)
    shutil.move(kept / BEGUN_RESTORE, new_home)
    before = everything()
    with pytest.raises(UsageError, match="창고에 이미 자료가 있습니다"):
        pipeline.restore(str(kept))
    assert everything() == before


@pytest.mark.slow
def test_an_older_backup_comes_back_as_the_present_schema(
    server: Path, office: Path, tmp_path: Path
) -> None:
    judged = everything()["core.pledge_report"]
    with transaction() as connection:
        for statement in back_to("0016"):
            connection.exec_driver_sql(statement)
    pipeline.back_up(str(tmp_path / "kept"), KEPT)
    assert manifest_of(tmp_path / "kept").migration == "0016"
    with fresh_home(server, tmp_path / "new"):
        assert pipeline.restore(str(tmp_path / "kept")).differences == []
        assert not warehouse.migrate()
        assert everything()["core.pledge_report"] == judged
        assert warehouse.analyst_query("SELECT COUNT(*) > 0 FROM mart.code")[1] == [(True,)]


@pytest.mark.slow
def test_what_differs_is_told_and_the_shell_ends_with_1(
    server: Path, office: Path, kept: Path, tmp_path: Path
) -> None:
    """A figure that was changed by hand before the backup, and a count that the backup did not have."""
    with transaction() as connection:
        connection.exec_driver_sql("UPDATE mart.released_figure SET numerator = numerator + 1")
    pipeline.back_up(str(kept), KEPT + DAY)
    with fresh_home(server, tmp_path / "new"):
        said = run("restore", str(kept))
        assert said.code == 1
        assert f"{GOVERNMENT} 2021Q4 1차 발표: 다시 낸 지표와 다른 것" in said.out
        assert "되살림 2022-01-07: 기관 1곳, 분기 1개, 접수 3건, 발표 1건" in said.out
    with fresh_home(server, tmp_path / "again"):
        said = run("restore", str(kept), "--day", "2022-01-06")
        assert (said.code, "발표 1건을 다시 낸 지표가 모두 같습니다" in said.out) == (0, True)
    assert run("restore", str(kept / "none")).code == 2


@pytest.mark.slow
def test_a_damaged_file_stays_out_and_is_named(server: Path, office: Path, tmp_path: Path) -> None:
    sha256 = warehouse.values_of("SELECT sha256 FROM audit.submission ORDER BY submission_id")[1]
    path = office / "archive" / "files" / sha256[:2] / sha256
    whole = path.read_bytes()
    path.write_bytes(b"rotten")
    with pytest.raises(
        SystemFault, match=rf"1개가 바뀌어.*{sha256}.*나머지는 모두 백업\(2022-01-06\)"
    ):
        pipeline.back_up(str(tmp_path / "kept"), KEPT)
    path.write_bytes(whole)
    pipeline.back_up(str(tmp_path / "kept"), KEPT + DAY)
    path.unlink()  # what a backup once held it holds again, though the archive lost it
    pipeline.back_up(str(tmp_path / "kept"), KEPT + 2 * DAY)
    for day, count in (("2022-01-06", 3), ("2022-01-08", 0)):
        with fresh_home(server, tmp_path / day):
            # Left out then, damaged for the archive's check, and for the release it counts in.
            assert len(pipeline.restore(str(tmp_path / "kept"), day).differences) == count


def _due(sha256: str) -> datetime:
    """Return the next day on which a copy is read again: 28 shares of them, one a day."""
    days = (int(sha256[:4], 16) - KEPT.date().toordinal()) % 28
    return KEPT + timedelta(days=days or 28)


def test_a_copy_that_rotted_is_mended_within_four_weeks(office: Path, kept: Path) -> None:
    path = part_path(kept, "archive")
    whole = path.read_bytes()
    path.write_bytes(b"\0" * len(whole))  # in its size, which alone is looked at every day
    pipeline.back_up(str(kept), _due(path.name) - DAY)
    assert path.read_bytes() != whole
    pipeline.back_up(str(kept), _due(path.name))
    assert path.read_bytes() == whole
    newest = Place(str(kept)).manifest(Place(str(kept)).days()[-1])
    assert list(Place(str(kept)).damaged(newest.parts)) == []


@pytest.mark.slow
def test_a_day_is_replaced_whole_or_not_at_all(
    office: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = manifest_of(kept)
    send(office, "third.xlsx", "D03", "2-2", SENT + timedelta(hours=2), 30)

    def broken(*_: Any) -> Iterator[bytes]:
        yield from [b"PGDMP"]
        raise SystemFault("끊겼습니다.", "", "")

    with monkeypatch.context() as patched:
        patched.setattr(backups, "dumped", broken)
        with pytest.raises(SystemFault):
            pipeline.back_up(str(kept), KEPT)
    with monkeypatch.context() as patched:
        patched.setattr(Manifest, "as_json", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.back_up(str(kept), KEPT)
    assert manifest_of(kept) == first
    assert list(Place(str(kept)).damaged(first.parts)) == []
    pipeline.back_up(str(kept), KEPT)
    second = manifest_of(kept)
    assert (first.holds["submissions"], second.holds["submissions"]) == (3, 4)
    there = {path.name for path in day_folder(kept).iterdir()}
    assert there == {MANIFEST} | {
        Path(part.path).name for part in second.parts if part.role != "archive"
    }


@pytest.mark.slow
def test_what_comes_while_a_backup_is_made_stays_out_of_it(
    server: Path, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*asked: Any) -> bool:
        at = SENT + timedelta(hours=2)
        with ThreadPoolExecutor(1) as another:
            another.submit(send, office, "late.xlsx", "D03", "2-2", at, 30).result()
        return False

    monkeypatch.setattr(backups, "has_tables", late)
    pipeline.back_up(str(tmp_path / "kept"), KEPT)
    with fresh_home(server, tmp_path / "new"):
        told = pipeline.restore(str(tmp_path / "kept"))
        assert (told.differences, told.holds["submissions"]) == ([], 3)


def test_old_days_go_and_the_newest_whole_one_stays(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    monkeypatch.setenv("GONGYAK_BACKUP_URL", str(kept))
    monkeypatch.setenv("GONGYAK_BACKUP_DAYS", "2")
    settings.cache_clear()
    for days in range(4):
        pipeline.back_up(at=KEPT + days * DAY)
    (kept / "2022-01-05").mkdir()  # a run that was killed before its manifest
    (kept / "2022-01-05" / "warehouse-1.dump").write_bytes(b"half")
    (kept / "photos").mkdir()
    files = {path: path.read_bytes() for path in (kept / "archive").rglob("*") if path.is_file()}
    # On the 10th, two days back is the 8th.
    assert pipeline.drop_old_backups(KEPT + 4 * DAY) == ["2022-01-05", "2022-01-06", "2022-01-07"]
    assert Place(str(kept)).days() == ["2022-01-08", "2022-01-09"]
    part = next((kept / "2022-01-09").glob("warehouse-*"))
    part.write_bytes(b"cut off")
    assert pipeline.drop_old_backups(KEPT + 400 * DAY) == ["2022-01-09"]
    assert Place(str(kept)).days() == ["2022-01-08"]
    assert {path: path.read_bytes() for path in files} == files
    assert (kept / "photos").exists()
    next((kept / "2022-01-08").glob("warehouse-*")).unlink()
    assert pipeline.drop_old_backups(KEPT + 400 * DAY) == []  # where none is whole, none goes


@pytest.mark.slow
def test_backups_of_another_installation_are_left_alone(
    server: Path, kept: Path, new_home: Path
) -> None:
    with pytest.raises(UsageError, match="다른 설치의 백업"):
        pipeline.back_up(str(kept), KEPT)
    registered(new_home)
    send(new_home, "a.xlsx", "D01", "1-1", SENT, 10)
    assert manifest_of(kept).holds["submissions"] == 3


def test_a_home_without_a_warehouse_has_nothing_to_back_up(
    empty_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="백업할 창고가 없습니다"):
        pipeline.back_up(str(tmp_path / "kept"))
    assert list(empty_home.iterdir()) == []
    assert not (tmp_path / "kept").exists()


@pytest.mark.slow
def test_any_file_system_takes_it(server: Path, office: Path, tmp_path: Path) -> None:
    kept = f"memory://{tmp_path.name}/kept"
    assert run("backup", kept).code == 0
    assert run("backup", kept).out.count("(새로 0개)") == 1
    before = everything()
    with fresh_home(server, tmp_path / "new"):
        elsewhere = {"GONGYAK_ARCHIVE_URL": f"memory://{tmp_path.name}/archive"}
        with another_home(elsewhere):
            assert pipeline.restore(kept).differences == []
            assert everything() == before
            held = next(backups.manifests(Place(kept))).of("archive")
            assert archive.places() == {part.name: part.size for part in held}


@pytest.mark.slow
def test_airflows_own_database_comes_along(server: Path, office: Path, tmp_path: Path) -> None:
    airflow = create_engine(warehouse.database_url(warehouse.AIRFLOW))

    def asked(statement: str) -> Any:
        with airflow.begin() as connection:
            done = connection.execute(text(statement))
            return done.scalars().all() if done.returns_rows else None

    try:
        asked("CREATE TABLE dag_run (dag_id text)")
        asked("INSERT INTO dag_run VALUES ('keep_house')")
        assert pipeline.back_up(str(tmp_path / "kept"), KEPT).has_airflow
        with fresh_home(server, tmp_path / "new"):
            with pytest.raises(UsageError, match="데이터베이스 airflow에 이미 표가 있습니다"):
                pipeline.restore(str(tmp_path / "kept"))
            asked("DROP TABLE dag_run")
            assert pipeline.restore(str(tmp_path / "kept")).has_airflow
            assert asked("SELECT dag_id FROM dag_run") == ["keep_house"]
    finally:
        asked("DROP TABLE IF EXISTS dag_run")
        airflow.dispose()


def test_no_process_list_shows_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://us%40er:s%3Acret@db.example:5433/w?sslmode=require&password=other"
    with another_home({"GONGYAK_DATABASE_URL": url}):
        address, environment = dumping._address(warehouse.WAREHOUSE)
    assert address == "dbname=w host=db.example port=5433 user=us@er sslmode=require"
    assert environment == {"PGPASSWORD": "other"}


def test_an_older_program_of_the_system_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = str(embedded.program("pg_dump"))
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "pg_dump"
    assert dumping._version_of(own) >= 18
    for version, chosen in ((15, own), (99, str(program))):
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.4'\n")
        program.chmod(0o755)
        dumping._version_of.cache_clear()
        with another_home({"GONGYAK_DATABASE_URL": "postgresql://db.example/w"}):
            assert dumping._path_of("pg_dump") == chosen
        assert dumping._path_of("pg_dump") == own  # of the embedded server
    dumping._version_of.cache_clear()


def test_a_database_that_cannot_take_a_dump_is_told(home: Path) -> None:
    with pytest.raises(SystemFault, match=r"되살리지 못했습니다\(.*백업은 그대로"):
        dumping.read_back(iter([b"no dump at all" * 100_000]))
    with pytest.raises((SystemFault, OutageError), match="백업을 만들지 못했습니다"):
        list(dumping.dumped(snapshot="00000000-00000000-1"))
