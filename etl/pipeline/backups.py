"""Backups: both databases, the archive with its journal and the installation's keys, once a day."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection, text

from etl import __version__, archive
from etl.backups import ARCHIVE, MANIFEST, Manifest, Part, Place
from etl.home import disk_told
from etl.pipeline.erasures import BACKUP_TURN
from etl.pipeline.telling import at_stage, log, say
from etl.problems import SystemFault, UsageError
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import (
    AIRFLOW,
    WAREHOUSE,
    Schema,
    create_databases,
    dumped,
    frozen,
    has_server,
    has_tables,
    run_file,
    schema_of,
    transaction,
    turn,
)

KEYS = ("airflow/keys.json", "airflow/password.json")
"""The keys of an installation, below its home."""

_WEEKS_DAYS = 28  # within which every copy of a file is read again


@dataclass(frozen=True)
class BackedUp:
    """One backup that was made: where, of which day, its bytes, and what was new in it.

    `archived` counts files and events of the archive, `copied` those that were not there yet.
    """

    place: str
    day: str
    bytes: int
    archived: int
    copied: int
    keys: int
    has_airflow: bool


@disk_told()
def back_up(to: str | None = None, at: datetime | None = None) -> BackedUp:
    """Write the backup of a day in Seoul (default: today) below a folder or any fsspec URL.

    A backup of the same day is replaced once the new one is whole. Raises UsageError where there
    is nothing to back up or another installation's backups lie there, and SystemFault, after
    everything else is backed up, for archived files that are damaged.
    """
    started, place = perf_counter(), Place(to or settings().backup)
    moment = (at or seoul_now()).astimezone(SEOUL)
    day = f"{moment:%Y-%m-%d}"
    _refuse_nothing()
    with turn(BACKUP_TURN):  # one at a time, whoever begins it
        made, copied = _written(place, day, moment)
        place.write(f"{day}/{MANIFEST}", [made.as_json()])
        place.sweep(day, (part.path for part in made.parts))
    told = _told(place, made, copied)
    say("백업", started, place=place.name, day=day, bytes=told.bytes, archived=told.archived,
        copied=copied, lacking=len(made.lacking) or None)  # fmt: skip
    _raise_lacking(made)
    return told


def _refuse_nothing() -> None:
    if has_server():
        create_databases()
        with frozen() as (connection, _):
            _made(schema_of(connection))
    else:
        _made(None)


def _made(schema: Schema | None) -> Schema:
    if schema is None:
        raise UsageError.refused(
            f"{settings().home.resolve()}에는 백업할 창고가 없습니다.",
            "GONGYAK_HOME이 맞는지 확인하고, 처음이면 gongyak register로 시작하십시오.",
        )
    return schema


def _written(place: Place, day: str, moment: datetime) -> tuple[Manifest, int]:
    """Write every part of a backup; return what its manifest tells, and how much was copied."""
    with frozen() as (connection, snapshot):
        schema = _made(schema_of(connection))
        (held,) = run_file(connection, "backup/held.sql")
        origin = next((row.origin for row in run_file(connection, "backup/origin.sql")), None)
        _refuse_anothers(place, origin)
        at_stage("백업", 0.1)
        parts = [_database(place, day, WAREHOUSE, snapshot)]
        known = _known_places(connection)
        erased = _erased_places(connection)
    if has_tables(AIRFLOW):
        parts.append(_database(place, day, AIRFLOW))
    at_stage("백업", 0.5)
    parts += _keys(place, day)
    archived, lacking, copied = _copy_archive(place, known, moment.date(), erased)
    manifest = Manifest(
        day=day,
        at=moment.isoformat(timespec="seconds"),
        code_version=__version__,
        migration=schema.migration,
        content_stamp=schema.content,
        origin=origin,
        holds=dict(held._mapping),
        lacking=tuple(lacking),
        parts=(*parts, *archived),
    )
    return manifest, copied


def _refuse_anothers(place: Place, origin: str | None) -> None:
    """Raise UsageError where the newest backup is of another installation: days would be mixed."""
    newest = next(iter(manifests(place)), None)
    if newest is not None and newest.origin not in (None, origin):
        raise UsageError.refused(
            f"{place.name}에는 다른 설치의 백업({newest.day})이 있습니다.",
            "백업할 다른 폴더를 정하여 다시 실행하십시오.",
        )


def manifests(place: Place) -> Iterator[Manifest]:
    """Yield the manifests of a place that can be read, newest first."""
    for day in reversed(place.days()):
        try:
            yield place.manifest(day)
        except ValueError as error:
            log.warning("백업 | %s의 목록을 읽을 수 없습니다: %s", day, error)


def _database(place: Place, day: str, name: str, snapshot: str | None = None) -> Part:
    with closing(dumped(name, snapshot)) as chunks:
        return Part("database", name, *place.write(f"{day}/{name}-{{sha}}.dump", chunks))


def _keys(place: Place, day: str) -> list[Part]:
    found = []
    for name in KEYS:
        path = settings().home.resolve() / name
        if path.exists():
            stem = f"{day}/{Path(name).stem}-{{sha}}.json"
            found.append(Part("key", name, *place.write(stem, [path.read_bytes()])))
    return found


def _known_places(connection: Connection) -> dict[str, int]:
    """Return the last event of each journal that the dump knows of."""
    rows = run_file(connection, "backup/journals.sql")
    return {row.journal_code: row.last_number for row in rows}


def _copy_archive(
    place: Place, known: dict[str, int], day: date, erased: Collection[str]
) -> tuple[list[Part], list[str], int]:
    """Copy what is not there yet; return parts, places of damaged files, and how many were copied.

    Files first come into the archive and then into the warehouse, so all that the dump knows of is
    there; events that came after the dump stay out, for it does not tell of them.
    """
    there = place.sizes(ARCHIVE)
    wanted = {name: size for name, size in archive.places().items() if _is_known(name, known)}
    parts, lacking, copied = _once_kept(place, {*wanted, *erased}, there), list[str](), 0
    for number, (name, size) in enumerate(sorted(wanted.items())):
        at_stage("백업", 0.5 + number / len(wanted) / 2)
        path = f"{ARCHIVE}/{name}"
        if there.get(path) == size and _is_as_good(place, path, name, day):
            parts.append(_archived(name, name.rpartition("/")[2], size))
            continue
        content = _whole_content(place, name, is_there=path in there)
        if content is None:
            lacking.append(name)
            continue
        if there.get(path) != len(content) or b"".join(place.read(path)) != content:
            place.write(path, [content])
            copied += 1
        parts.append(_archived(name, archive.sha256_of(content), len(content)))
    return parts, lacking, copied


def _archived(name: str, sha256: str, size: int) -> Part:
    return Part("archive", name, f"{ARCHIVE}/{name}", sha256, size)


def _is_as_good(place: Place, path: str, name: str, day: date) -> bool:
    """Tell whether a copy of a file in its size needs no look at the archive.

    Each is read again once in four weeks, and mended where its disk lost something; the events,
    small as they are, every day.
    """
    if not name.startswith("files/"):
        return False
    sha256 = name.rpartition("/")[2]
    is_due = int(sha256[:4], 16) % _WEEKS_DAYS == day.toordinal() % _WEEKS_DAYS
    return not is_due or archive.is_whole(name, b"".join(place.read(path)))


def _whole_content(place: Place, name: str, *, is_there: bool) -> bytes | None:
    """Return what lies at a place of the archive, or what is backed up where that is damaged."""
    content = archive.content_at(name)
    if not archive.is_whole(name, content):
        content = b"".join(place.read(f"{ARCHIVE}/{name}")) if is_there else b""
    return content if archive.is_whole(name, content) else None


def _once_kept(place: Place, wanted: Collection[str], there: dict[str, int]) -> list[Part]:
    """Return the files that the backup before held and the archive has lost.

    What was erased is among the `wanted`: it is no loss.
    """
    before = next(manifests(place), None)
    return [
        part
        for part in (before.of("archive") if before else ())
        if part.name.startswith("files/")
        and part.name not in wanted
        and there.get(part.path) == part.size
    ]


def _is_known(name: str, known: dict[str, int]) -> bool:
    """Tell whether the dump knows of what lies there: any file, but no event that came after."""
    if not name.startswith("journal/"):
        return True
    journal, _, file = name.removeprefix("journal/").rpartition("/")
    number = file.partition("-")[0]
    return not number.isdigit() or int(number) <= known.get(journal, 0)


def _erased_places(connection: Connection) -> set[str]:
    """Return where erased files lay in the archive; a warehouse of an older schema has none."""
    if connection.execute(text("SELECT to_regclass('audit.erasure')")).scalar() is None:
        return set()
    rows = connection.execute(text("SELECT DISTINCT sha256 FROM audit.erasure"))
    return {archive.place_of(sha256) for sha256 in rows.scalars()}


def _told(place: Place, made: Manifest, copied: int) -> BackedUp:
    return BackedUp(
        place=place.name,
        day=made.day,
        bytes=sum(part.size for part in made.parts),
        archived=len(made.of("archive")),
        copied=copied,
        keys=len(made.of("key")),
        has_airflow=any(part.name == AIRFLOW for part in made.of("database")),
    )


def _raise_lacking(made: Manifest) -> None:
    if made.lacking:
        raise SystemFault(
            f"보관된 파일 {len(made.lacking)}개가 바뀌어 백업에 들지 못했습니다:"
            f" {', '.join(made.lacking)}.",
            f"나머지는 모두 백업({made.day})했고 자료는 그대로입니다.",
            "앞선 백업에서 이 파일들을 되살린 뒤 다시 백업하십시오.",
        )


def drop_old_backups(at: datetime | None = None) -> list[str]:
    """Remove days older than GONGYAK_BACKUP_DAYS, and days that never became whole; return them.

    The newest whole backup always stays, and so does every archived file that a kept day needs.
    What was erased after its retention period goes with the last day that holds it.
    """
    started, place = perf_counter(), Place(settings().backup)
    today = (at or seoul_now()).astimezone(SEOUL).date()
    first_kept = f"{today - timedelta(days=settings().backup_days):%Y-%m-%d}"
    with turn(BACKUP_TURN):
        kept, sizes = newest_whole(place)
        old = [
            day
            for day in place.folders()
            if day != kept
            and (day < first_kept or (f"{day}/{MANIFEST}" not in sizes and day < f"{today}"))
        ]
        for day in old if kept else ():
            place.remove_day(day)
        swept = _sweep_erased(place, sizes) if kept else 0
    removed = old if kept else []
    say("백업 정리", started, place=place.name, removed=len(removed), newest=kept,
        erased=swept or None)  # fmt: skip
    return removed


def _sweep_erased(place: Place, sizes: Collection[str]) -> int:
    """Remove the archived files that were erased and no backup that is left holds; return how many.

    Nothing is removed while a day's manifest cannot be read: nobody knows what it needs.
    """
    left = [*manifests(place)]
    if len(left) < len(place.days()):
        return 0
    needed = {part.path for one in left for part in one.of("archive")}
    with transaction() as connection:
        erased = {f"{ARCHIVE}/{name}" for name in _erased_places(connection)}
    gone = sorted(erased & {*sizes} - needed)
    place.remove(gone)
    return len(gone)


def newest_whole(place: Place) -> tuple[str | None, dict[str, int]]:
    """Return the newest day whose parts are all there in their size, and the sizes of all files."""
    sizes = place.sizes()
    whole = (one.day for one in manifests(place) if not missing_of(one, sizes))
    return next(whole, None), sizes


def missing_of(manifest: Manifest, sizes: dict[str, int]) -> list[str]:
    """Return the parts of a backup that are not there, or not in their size."""
    return [part.path for part in manifest.parts if sizes.get(part.path) != part.size]
