"""The files of a release: written when it is approved, and again when they are asked for."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from etl.common import below, bring, hand_over, shown
from etl.figures import compute, gather_attachments, gather_evidence, gather_narrative
from etl.figures.pledges import FigureSettings, QuarterAsOf
from etl.figures.published import published_figures
from etl.figures.released import is_frozen
from etl.home import PUBLIC, disk_told
from etl.period import Period, parse_period
from etl.pipeline.blockers import COVERAGE_RULE
from etl.pipeline.journal import happening, is_noted, note_once
from etl.pipeline.pictures import content_of, kept
from etl.pipeline.sites import write_site
from etl.pipeline.telling import counting, say
from etl.problems import SystemFault, UsageError
from etl.publish import (
    COMPUTED,
    Notice,
    Publication,
    Release,
    mark,
    publish,
    read_publication,
    sweep,
)
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from etl.warehouse import records, run_file, transaction


class Retraction(NamedTuple):
    """One release that was taken back: when, by which office or position, and why."""

    revision: int
    retracted_at: datetime
    retracted_by: str
    reason: str


class ReleaseFiles(NamedTuple):
    """The files of a release, named within their folder."""

    revision: int
    folder: str
    files: list[str]


def publish_again(quarter_id: str, government_id: str, revision: int | None = None) -> ReleaseFiles:
    """Write the files of a release (default: the last) again, in place of what lies there.

    The quarter is computed as known at the release's moment and by its settings, and has to say
    what was frozen then; nothing in the warehouse changes. Raises UsageError when there is no such
    release, SystemFault when what is computed now differs from it.
    """
    started, quarter = perf_counter(), parse_period(quarter_id)
    with transaction() as connection:
        release = approved(connection, government_id, quarter, revision)
        compute(connection, asked_of(release))
        if not is_frozen(connection, government_id, quarter, release.revision):
            raise SystemFault(
                f"{quarter} {release.revision}차 발표를 지금 다시 계산하면 그때와 다릅니다.",
                "파일은 하나도 바뀌지 않았습니다.",
                f"gongyak verify {quarter} --revision {release.revision} --government"
                f" {government_id}(으)로 무엇이 다른지 확인하십시오.",
            )
        publication = publication_of(connection, release)
    written = write_files(publication, release.revision)
    say("발표 파일", started, government=government_id, quarter=quarter_id,
        revision=release.revision, files=len(written.files))  # fmt: skip
    return written


def publication_of(connection: Connection, release: Row[Any]) -> Publication:
    """Read what is published of a release whose figures `compute` left."""
    quarter = parse_period(release.quarter_id)
    told = Release(*(getattr(release, field.name) for field in fields(Release)))
    gather_evidence(connection, asked_of(release))
    gather_narrative(connection)
    gather_attachments(connection, release.as_of)
    publication = read_publication(connection, release.government_id, quarter, COMPUTED, told)
    publication = replace(
        publication,
        printed=published_figures(connection, asked_of(release)),
        waived=[*publication.waived, *_let_pass(connection, publication, release.as_of)],
        picture_of=kept(content_of(connection, publication.attachments)),
    )
    # Nobody had looked for people in the words of the first releases.
    return publication if release.says_words else replace(publication, narrative=())


def _let_pass(
    connection: Connection, publication: Publication, as_of: datetime
) -> Sequence[Row[Any]]:
    """Return the pledges that were published without a report as a waiver let them be."""
    return run_file(
        connection, "release/let_pass.sql",
        rule_id=COVERAGE_RULE,
        government_id=publication.government_id,
        quarter_id=str(publication.quarter),
        this=publication.quarter.this,
        department_codes=[row.department_code for row in publication.missing],
        pledge_ids=[row.pledge_id for row in publication.missing],
        day=publication.day,
        as_of=as_of,
    )  # fmt: skip


def write_files(publication: Publication, revision: int) -> ReleaseFiles:
    """Write the files of a release, which is in the warehouse by now, and its government's site.

    All of them or none; raises OutageError where they cannot be written.
    """
    folder = folder_of(publication.government_id, publication.quarter, revision)
    with disk_told(
        "발표한 것은 기록되었고 수치는 그대로입니다.",
        f"디스크 여유와 폴더 권한을 확인한 뒤 gongyak publish {publication.quarter}"
        f" --government {publication.government_id} 명령으로 파일을 쓰십시오.",
    ):
        with transaction() as connection:
            notice = _notice(connection, publication.government_id, publication.quarter, revision)
        written = publish(publication, folder, notice, counting("발표 파일"))
        hand_over(folder, settings().published, PUBLIC)
        write_site(publication.government_id)
    names = [str(path.relative_to(folder)) for path in written]
    return ReleaseFiles(revision, shown(folder), names)


def retractions_of(connection: Connection, government_id: str, quarter: Period) -> list[Retraction]:
    """Return what was taken back of a quarter, in the order of revisions."""
    found = run_file(
        connection, "release/retractions.sql",
        government_id=government_id, quarter_id=str(quarter),
    )  # fmt: skip
    return records(Retraction, found)


def tell_retraction(government_id: str, quarter: Period, revision: int) -> None:
    """Say in the folder of a release that it was taken back, where there is one."""
    folder = folder_of(government_id, quarter, revision)
    with transaction() as connection:
        notice = _notice(connection, government_id, quarter, revision)
    if notice is None or not bring(folder):
        return
    with disk_told(
        "철회는 기록되었고 발표한 파일은 그대로입니다.",
        "디스크 여유와 폴더 권한을 확인한 뒤 같은 명령을 다시 실행하십시오.",
    ):
        mark(folder, notice)
        hand_over(folder, settings().published, PUBLIC)
        write_site(government_id)


def _notice(
    connection: Connection, government_id: str, quarter: Period, revision: int
) -> Notice | None:
    """Return what is told of a release that was taken back: its office, and no person."""
    found = retractions_of(connection, government_id, quarter)
    retraction = next((one for one in found if one.revision == revision), None)
    if retraction is None:
        return None
    office = connection.execute(
        text(
            "SELECT government_name FROM core.dim_government WHERE government_id = :g"
            " ORDER BY recorded_at DESC LIMIT 1"
        ),
        {"g": government_id},
    ).scalar()
    day = retraction.retracted_at.astimezone(SEOUL).date()
    return Notice(str(quarter), revision, office or government_id, day, retraction.reason)


def complete(government_id: str, quarter: Period, revision: int) -> None:
    """Write the files of a release, and that they are, where a run that ended early did not.

    The site too, where a page of it is gone.
    """
    folder = folder_of(government_id, quarter, revision)
    sweep(folder)
    with transaction() as connection:
        is_whole = is_noted(connection, "publication", _line(government_id, quarter, revision))
    # Elsewhere files come one after the other: those of a run that was killed are not all.
    if not (is_whole and below(folder)):
        publish_again(str(quarter), government_id, revision)
    else:
        write_site(government_id, where_missing=True)
    tell_retraction(government_id, quarter, revision)
    note_published(government_id, quarter, revision)


def note_published(government_id: str, quarter: Period, revision: int) -> None:
    """Note that the files of a release stand, unless that is told already."""
    with happening(government_id) as connection:
        note_once(connection, "publication", seoul_now(), _line(government_id, quarter, revision))


def _line(government_id: str, quarter: Period, revision: int) -> dict[str, Any]:
    return {"government_id": government_id, "quarter_id": str(quarter), "revision": revision}


def folder_of(government_id: str, quarter: Period, revision: int) -> Path:
    """Return where the files of a release lie."""
    return settings().published / government_id / str(quarter) / f"r{revision}"


def asked_of(release: Row[Any]) -> QuarterAsOf:
    """Return the quarter as a release has it: as known at its moment, by its settings."""
    quarter, rules = parse_period(release.quarter_id), FigureSettings.of(release)
    return QuarterAsOf(release.government_id, quarter, release.as_of, rules)


def approved(
    connection: Connection, government_id: str, quarter: Period, revision: int | None = None
) -> Row[Any]:
    """Return a row of audit.release, the last revision unless told; raises UsageError."""
    row = connection.execute(
        text(
            "SELECT * FROM audit.release WHERE government_id = :g AND quarter_id = :q"
            " AND decision = 'approved' AND revision = COALESCE(:r, revision)"
            " ORDER BY revision DESC LIMIT 1"
        ),
        {"g": government_id, "q": str(quarter), "r": revision},
    ).one_or_none()
    if row is None:
        told = f" {revision}차" if revision is not None else ""
        raise UsageError.refused(
            f"{government_id}의 {quarter}{told} 발표가 없습니다.",
            f"분기와 차수를 확인하거나 gongyak release {quarter}(으)로 먼저 발표하십시오.",
        )
    return row
