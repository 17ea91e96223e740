"""A backup back into an empty home: checked before anything is touched, and proved at the end.

`restore.json` in the home marks a restore that has begun, and is removed when it is done. Until
then the home is nobody's place to work, and the same restore may be begun again.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from etl import archive
from etl.backups import Manifest, Part, Place
from etl.home import BEGUN_RESTORE, disk_told
from etl.particles import with_particles
from etl.pipeline.backups import KEYS
from etl.pipeline.erasures import remove_erased
from etl.pipeline.house import check_archive
from etl.pipeline.journal import present, write_journal
from etl.pipeline.telling import at_stage, say
from etl.pipeline.verification import verify
from etl.problems import GongyakError, OutageError, UsageError
from etl.settings import settings
from etl.warehouse import (
    AIRFLOW,
    create_databases,
    emptied,
    has_server,
    has_tables,
    is_empty,
    knows,
    make_airflow_database,
    migrate,
    read_back,
    run_alone,
    run_file,
    schema_of,
    transaction,
    write_roles,
)
from etl.whole import whole

_SHOWN = 5  # damaged parts that a message names


@dataclass(frozen=True)
class Restored:
    """What came back, and what differs from the backup or from what was released.

    `holds` counts governments, quarters with reports, submissions, releases and events; `verified`
    counts the releases that were derived again, `partly` those of them of which files were erased:
    they were derived from the warehouse's cells alone.
    """

    place: str
    day: str
    holds: Mapping[str, int]
    archived: int
    has_airflow: bool
    verified: int
    partly: int
    differences: list[str]


@disk_told("되살리기는 끝나지 않았고 백업은 그대로입니다.")
def restore(source: str, day: str | None = None) -> Restored:
    """Restore the backup of a day (default: the newest) into this home, which must be empty.

    Raises UsageError, with nothing touched, for a backup that is missing, damaged or of a later
    release, and for a home that is not empty.
    """
    started, place = perf_counter(), Place(source)
    manifest = _chosen(place, day)
    with _alone():
        is_begun = _refuse_full_home(place, manifest)
        _refuse_damaged(place, manifest)
        _refuse_full_databases(manifest, is_begun=is_begun)
        _mark(place, manifest)
        _bring_back(place, manifest)
        differences = list(_differences(manifest))
        verified, partly, differing = _verified()
        _mark_of_home().unlink()
    told = Restored(
        place=place.name,
        day=manifest.day,
        holds=_held(),
        archived=len(manifest.of("archive")),
        has_airflow=any(part.name == AIRFLOW for part in manifest.of("database")),
        verified=verified,
        partly=partly,
        differences=[*differences, *differing],
    )
    say("되살리기", started, place=place.name, day=manifest.day, archived=told.archived,
        verified=verified, partly=partly or None, differences=len(told.differences))  # fmt: skip
    return told


@contextmanager
def _alone() -> Iterator[None]:
    """Keep another restore out of this home; the lock ends with the process."""
    home = os.open(settings().home, os.O_RDONLY)
    try:
        _lock(home)
        yield
    finally:
        os.close(home)


def _lock(home: int) -> None:
    try:
        fcntl.flock(home, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError.refused(
            "다른 프로세스가 이 홈에 되살리고 있습니다.", "그 일이 끝나기를 기다리십시오."
        ) from error


def _chosen(place: Place, day: str | None) -> Manifest:
    """Return the manifest of a day, or of the newest; raises UsageError where there is none."""
    wanted = _valid_day(day) if day else None
    days = place.days()
    if not days:
        raise UsageError.refused(
            f"{place.name}에 gongyak의 백업이 없습니다.",
            "gongyak backup이 쓴 폴더인지 확인하고 다시 실행하십시오.",
        )
    if wanted not in (None, *days):
        raise UsageError.refused(
            f"{place.name}에 {wanted}의 백업이 없습니다.",
            f"있는 날({', '.join(days[-_SHOWN:])}) 가운데 --day를 골라 다시 실행하십시오.",
        )
    chosen = wanted or days[-1]
    try:
        manifest = place.manifest(chosen)
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(
            place, chosen, f"목록(manifest.json)이 온전하지 않습니다: {error}"
        ) from error
    if not knows(manifest.migration):
        raise UsageError.refused(
            f"이 프로그램은 {chosen} 백업의 스키마 판({manifest.migration})을 모릅니다.",
            f"이 백업을 만든 판({manifest.code_version})이나 그 뒤의 gongyak을 쓰십시오.",
        )
    return manifest


def _valid_day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%Y-%m-%d}"
    except ValueError as error:
        raise UsageError.refused(
            f"날짜를 읽을 수 없습니다: {text!r}.", "--day 2026-11-30처럼 쓰십시오."
        ) from error


def _damaged(place: Place, day: str, what: str) -> UsageError:
    others = [other for other in place.days() if other != day][-_SHOWN:]
    instead = f"다른 날({', '.join(others)})을 --day로" if others else "다른 백업을"
    return UsageError.refused(
        f"{place.name}의 {day} 백업이 상했습니다. {what}.",
        f"{instead} 골라 다시 실행하십시오.",
    )


def _refuse_damaged(place: Place, manifest: Manifest) -> None:
    at_stage("되살리기", 0.0)
    bad = list(place.damaged(manifest.parts))
    if bad:
        shown = ", ".join(bad[:_SHOWN]) + (" …" if len(bad) > _SHOWN else "")
        what = f"부분 {len(bad)}개가 없거나 쓴 뒤에 바뀌었습니다: {shown}"
        raise _damaged(place, manifest.day, what)


def _mark_of_home() -> Path:
    return settings().home.resolve() / BEGUN_RESTORE


def _mark_of(place: Place, manifest: Manifest) -> dict[str, str]:
    sha256 = archive.sha256_of(manifest.as_json())
    return {"from": place.name, "day": manifest.day, "manifest": sha256}


def _mark(place: Place, manifest: Manifest) -> None:
    _write_private(_mark_of_home(), json.dumps(_mark_of(place, manifest)).encode())


def _refuse_full_home(place: Place, manifest: Manifest) -> bool:
    """Return whether this restore was begun here already; raises UsageError in any other home."""
    home = settings().home.resolve()
    if _mark_of_home().exists():
        begun = _begun()
        if begun == _mark_of(place, manifest):
            return True
        raise UsageError.refused(
            f"{home}에는 다른 백업({begun.get('from')}, {begun.get('day')})을 되살리던 일이 끝나지"
            " 않았습니다.",
            f"gongyak restore {begun.get('from')} --day {begun.get('day')}(으)로 끝내거나 빈 폴더를"
            " GONGYAK_HOME으로 정하십시오.",
        )
    full = next(_full_places(home), None)
    if full is not None:
        raise _not_empty(f"{full}에 이미 파일이 있습니다")
    return False


def _begun() -> dict[str, str]:
    try:
        begun: dict[str, str] = json.loads(_mark_of_home().read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return begun


def _full_places(home: Path) -> Iterator[str]:
    """Yield where files of an installation lie already: its archive, its keys, its answers."""
    if archive.places():
        yield settings().archive
    for folder in (home / "airflow", settings().outbox, settings().published):
        is_ours = folder.is_relative_to(home)
        if is_ours and any(path.is_file() for path in folder.rglob("*")):
            yield str(folder)


def _refuse_full_databases(manifest: Manifest, *, is_begun: bool) -> None:
    if not has_server():
        return
    create_databases()
    if is_begun and _is_in_warehouse(manifest):
        return
    if not is_empty():
        raise _not_empty("창고에 이미 자료가 있습니다")
    if _airflow_of(manifest) and has_tables(AIRFLOW):
        raise _not_empty(f"데이터베이스 {AIRFLOW}에 이미 표가 있습니다")


def _is_in_warehouse(manifest: Manifest) -> bool:
    """Tell whether the warehouse holds what the backup does and no more: nothing of it is lost.

    Another home may have filled a configured server since this one began.
    """
    with transaction() as connection:
        if schema_of(connection) is None:
            return False
        origin = next((row.origin for row in run_file(connection, "backup/origin.sql")), None)
        (held,) = run_file(connection, "backup/held.sql")
        return (origin, dict(held._mapping)) == (manifest.origin, manifest.holds)


def _not_empty(why: str) -> UsageError:
    return UsageError.refused(
        f"되살릴 곳이 비어 있지 않습니다. {why}.",
        "GONGYAK_HOME을 빈 폴더로(서버를 쓰면 빈 데이터베이스로) 정하여 다시 실행하십시오.",
    )


def _airflow_of(manifest: Manifest) -> bool:
    return any(part.name == AIRFLOW for part in manifest.of("database"))


def _bring_back(place: Place, manifest: Manifest) -> None:
    create_databases()
    for number, part in enumerate(manifest.of("database")):
        at_stage("되살리기", 0.1 + number / 10)
        if part.name == AIRFLOW:
            make_airflow_database()
        emptied(part.name)
        read_back(place.read(part.path), part.name)
    _bring_archive(place, manifest.of("archive"))
    for part in manifest.of("key"):
        if part.name in KEYS:
            path = settings().home.resolve() / part.name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_private(path, b"".join(place.read(part.path)))
    at_stage("되살리기", 0.7)
    migrate()
    write_roles()
    run_alone("mail/close_open.sql")
    write_journal()
    remove_erased(present())


def _bring_archive(place: Place, parts: list[Part]) -> None:
    for number, part in enumerate(parts):
        at_stage("되살리기", 0.3 + 0.4 * number / len(parts))
        content = b"".join(place.read(part.path))
        if archive.sha256_of(content) != part.sha256:
            raise OutageError(
                f"백업의 {part.path}이(가) 되살리는 동안 바뀌었습니다.",
                "되살리기는 끝나지 않았고 백업에는 아무것도 쓰지 않았습니다.",
                "백업이 놓인 디스크를 확인한 뒤 같은 명령을 다시 실행하십시오.",
            )
        archive.put_back(part.name, content)


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    with whole(path, 0o600) as part, part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


_HELD = {"governments": "기관", "quarters": "분기", "submissions": "접수", "releases": "발표",
         "events": "일지"}  # fmt: skip


def _held() -> dict[str, int]:
    (row,) = run_alone("backup/held.sql")
    return dict(row._mapping)


def _differences(manifest: Manifest) -> Iterator[str]:
    """Yield a line for each count that is another than in the backup, and for a damaged archive."""
    at_stage("되살리기", 0.8)
    held = _held()
    for name, count in manifest.holds.items():
        if held.get(name) != count:
            yield f"{_HELD.get(name, name)}: 백업할 때 {count}, 되살린 뒤 {held.get(name)}"
    if manifest.lacking:
        yield f"백업할 때 이미 상해 있던 보관 파일 {len(manifest.lacking)}개가 없습니다"
    try:
        check_archive()
    except GongyakError as error:
        yield error.happened


def _verified() -> tuple[int, int, list[str]]:
    """Derive every release that stands again; return how many, and a line for each that differs.

    Between the two, of how many a file was erased.
    """
    standing, partly, found = run_alone("backup/standing.sql"), 0, list[str]()
    for number, row in enumerate(standing):
        at_stage("되살리기", 0.8 + 0.2 * number / len(standing))
        name = f"{row.government_id} {row.quarter_id} {row.revision}차 발표"
        try:
            proof = verify(row.quarter_id, row.government_id, row.revision)
        except OutageError:
            raise
        except GongyakError as error:
            found.append(f"{name}: {error.happened}")
            continue
        partly += bool(proof.erased)
        found += [f"{name}: {line}" for line in proof.refused]
        if proof.differences:
            found.append(
                with_particles(f"{name}: 다시 낸 지표와 다른 것 {len(proof.differences)}건")
            )
    return len(standing), partly, found
