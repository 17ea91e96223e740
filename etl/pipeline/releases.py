"""Releases: what a head of department decides on, what stands in the way, and what is published.

A release freezes a quarter as known at one moment, `as_of`. What is shown, decided and published is
computed for that moment, so a file that comes in between waits for the next revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from etl import archive
from etl.figures import FigureRow, compute, figure_rows, period_before, prove
from etl.figures.attachments import ShownPicture, pictures, released_pictures
from etl.figures.pledges import FigureSettings, QuarterAsOf
from etl.figures.published import PublishedFigure, published_figures
from etl.figures.released import freeze, is_frozen, released_rows
from etl.period import Period, parse_period
from etl.pipeline.blockers import (
    COVERAGE_RULE,
    UNTOUCHED,
    CountedFile,
    Gap,
    MissingPledge,
    PersonalText,
    blockers,
    gaps,
    personal_texts,
)
from etl.pipeline.journal import happening, journal_of, note, present
from etl.pipeline.judgements import versions
from etl.pipeline.publications import (
    Retraction,
    complete,
    note_published,
    publication_of,
    retractions_of,
    write_files,
)
from etl.pipeline.telling import say
from etl.problems import UsageError
from etl.settings import settings
from etl.shown import figure_change
from etl.warehouse import records, run_file, transaction

DEMO = "시연(--auto-approve-for-demo)"


@dataclass(frozen=True)
class Decision:
    """What a person decided, and when; to send back needs a reason."""

    by: str
    at: datetime
    reason: str | None = None
    is_approved: bool = True
    is_demo: bool = False


class LastRelease(NamedTuple):
    """The newest approved release of a quarter that was not taken back."""

    revision: int
    decided_by: str
    decided_at: datetime
    as_of: datetime
    says_words: bool


class MovedFigure(NamedTuple):
    """A headline figure, and how far it is from the published one and the quarter before."""

    figure: FigureRow
    change_to_published: str | None
    change_to_previous_quarter: str | None


class WaivedValue(NamedTuple):
    """One finding behind the figures that a waiver let through; without a pledge, a file's."""

    rule_id: str
    pledge_id: str | None
    reason: str


@dataclass(frozen=True)
class ReleaseSummary:
    """What is decided on: figures and how they moved, coverage, what stands in the way.

    `published` are the values that were printed of the quarter, each with its verdict, `personal`
    what its texts tell of people, `pictures` what is shown. `blockers`
    holds one line for each thing in the way, `gaps` what a waiver could let pass of it,
    `is_unchanged` tells that the current revision says the same; where the newest was taken back
    none is current. `retracted` are those that were taken back.
    """

    government: str
    quarter: str
    as_of: datetime
    last: LastRelease | None
    retracted: list[Retraction]
    is_unchanged: bool
    figures: list[MovedFigure]
    owing_count: int
    missing: list[MissingPledge]
    waived: list[WaivedValue]
    files: list[CountedFile]
    blockers: list[str]
    gaps: list[Gap] = field(default_factory=list)
    published: list[PublishedFigure] = field(default_factory=list)
    personal: list[PersonalText] = field(default_factory=list)
    pictures: list[ShownPicture] = field(default_factory=list)


@dataclass(frozen=True)
class Released:
    """What became of a decision: approved, returned, blocked, or unchanged.

    A revision and the files in their folder are there where it was approved.
    """

    summary: ReleaseSummary
    outcome: str
    revision: int | None = None
    folder: str | None = None
    files: list[str] | None = None


def release_summary(
    quarter_id: str, government_id: str, as_of: datetime | None = None
) -> ReleaseSummary:
    """Return what is decided on, with every figure proved; writes nothing.

    Raises UsageError for a quarter without reports, SystemFault for a figure that does not
    re-compute or a damaged file in the archive.
    """
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of or present())
    with transaction() as connection:
        return _summary(connection, asked)


def release(
    quarter_id: str, government_id: str, decision: Decision, as_of: datetime | None = None
) -> Released:
    """Publish a quarter as known at `as_of`, or record that it was sent back.

    Nothing is written where something stands in the way, or the last revision says the same.
    Without `as_of` it is the moment of the decision. Raises as `release_summary`; UsageError for a
    decision without a name, or on a state older than the last revision's.
    """
    started = perf_counter()
    asked = QuarterAsOf(government_id, parse_period(quarter_id), as_of or decision.at)
    _require_sound(decision)
    with happening(government_id) as connection:
        summary = _summary(connection, asked)
        done = Released(summary, _outcome(summary, decision))
        if done.outcome in ("approved", "returned"):
            recorded = _record(connection, summary, decision)
        if done.outcome == "approved":
            freeze(connection, recorded.revision)
            publication = publication_of(connection, recorded)
    # The decision holds by now. Printing takes seconds, and nobody waits for it.
    if done.outcome == "approved":
        done = replace(done, **write_files(publication, recorded.revision)._asdict())
        note_published(government_id, asked.quarter, recorded.revision)
    elif done.outcome == "unchanged" and summary.last:
        complete(government_id, asked.quarter, summary.last.revision)
    say("발표", started, government=government_id, quarter=quarter_id, decision=done.outcome,
        revision=done.revision, folder=done.folder)  # fmt: skip
    return done


def _require_sound(decision: Decision) -> None:
    if not decision.by.strip():
        raise UsageError("결정한 사람이 없습니다.", UNTOUCHED, "--by를 적어 다시 실행하십시오.")
    if not (decision.is_approved or (decision.reason or "").strip()):
        raise UsageError(
            "돌려보내는 까닭이 없습니다.", UNTOUCHED, "--reason을 적어 다시 실행하십시오."
        )


def _outcome(summary: ReleaseSummary, decision: Decision) -> str:
    last = summary.last
    if summary.is_unchanged:
        return "unchanged"
    if last and summary.as_of < last.as_of:
        raise UsageError(
            f"그 사이에 {last.decided_by}이(가) 더 새로운 자료로 {last.revision}차를 승인했습니다.",
            UNTOUCHED,
            "요약을 다시 보고 결정하십시오.",
        )
    if not decision.is_approved:
        return "returned"
    return "blocked" if summary.blockers else "approved"


def _record(connection: Connection, summary: ReleaseSummary, decision: Decision) -> Row[Any]:
    before = summary.last.revision if summary.last else None
    newest = max([before or 0, *(one.revision for one in summary.retracted)])
    (row,) = run_file(
        connection,
        "release/record.sql",
        government_id=summary.government,
        quarter_id=summary.quarter,
        revision=newest + 1 if decision.is_approved else None,
        decision="approved" if decision.is_approved else "returned",
        decided_by=decision.by,
        decided_at=decision.at,
        reason=decision.reason,
        as_of=summary.as_of,
        **versions(),
        **FigureSettings.of(settings())._asdict(),
        is_demo=decision.is_demo,
        supersedes=before if decision.is_approved else None,
    )
    note(connection, "approval", decision.at, [(journal_of(summary.government), row._asdict())])
    return row


# -- the summary ----------------------------------------------------------------------------------


def _summary(connection: Connection, asked: QuarterAsOf) -> ReleaseSummary:
    """Compute and prove the quarter, which stays in the transaction, and tell how it stands."""
    government_id, quarter = asked.government_id, asked.quarter
    before = _previous(connection, replace(asked, quarter=period_before(connection, asked.bound)))
    compute(connection, asked)
    prove(connection, asked)
    _require_reports(connection, quarter)
    for source in run_file(connection, "release/sources.sql"):
        archive.get(source.sha256)
    last = _last(connection, asked)
    retracted = retractions_of(connection, government_id, quarter)
    published = _published(connection, asked, last) if last else []
    bound = asked.bound | versions()
    files = records(CountedFile, run_file(connection, "release/files.sql", **bound))
    missing = records(
        MissingPledge,
        run_file(connection, "release/missing.sql", rule_id=COVERAGE_RULE, as_of=asked.as_of),
    )
    personal = personal_texts(connection, asked)
    shown = pictures(connection, asked.as_of)
    rows = figure_rows(connection, scope_type="all")
    published_values = published_figures(connection, asked)
    waived = connection.execute(
        text("SELECT rule_id, pledge_id, reason FROM waived_finding ORDER BY 1, 2")
    )
    return ReleaseSummary(
        government=government_id,
        quarter=str(quarter),
        as_of=asked.as_of,
        last=last,
        retracted=retracted,
        is_unchanged=last is not None
        and _is_current(last, retracted)
        and last.says_words
        and is_frozen(connection, government_id, quarter, last.revision)
        and shown == released_pictures(connection, government_id, str(quarter), last.revision),
        figures=[_moved(row, published, before) for row in rows],
        owing_count=rows[0].owing_count,
        missing=missing,
        waived=records(WaivedValue, waived),
        files=files,
        blockers=blockers(asked, files, missing, personal, published_values),
        gaps=gaps(asked, missing, personal),
        published=published_values,
        personal=personal,
        pictures=shown,
    )


def _previous(connection: Connection, asked: QuarterAsOf) -> list[FigureRow]:
    """Return the quarter's figures as published, else as they stand; none without reports."""
    last = _last(connection, asked)
    if last and _is_current(last, retractions_of(connection, asked.government_id, asked.quarter)):
        return _published(connection, asked, last)
    try:
        compute(connection, asked)
    except UsageError:
        return []
    rows = figure_rows(connection, scope_type="all")
    return rows if any(row.reported_count for row in rows) else []


def _last(connection: Connection, asked: QuarterAsOf) -> LastRelease | None:
    found = run_file(connection, "release/last.sql", **asked.bound)
    return next(iter(records(LastRelease, found)), None)


def _is_current(last: LastRelease, retracted: Sequence[Retraction]) -> bool:
    """Tell whether the last release that stands holds: a newer one that was taken back ends it."""
    return all(one.revision < last.revision for one in retracted)


def _published(connection: Connection, asked: QuarterAsOf, last: LastRelease) -> list[FigureRow]:
    return released_rows(connection, asked.government_id, asked.quarter, last.revision, "all")


def _require_reports(connection: Connection, quarter: Period) -> None:
    reported = "SELECT EXISTS (SELECT 1 FROM pledge_status WHERE report_state = 'reported')"
    if not connection.execute(text(reported)).scalar_one():
        raise UsageError(
            f"{quarter}에 반영된 보고가 하나도 없습니다.",
            UNTOUCHED,
            "분기와 기관을 확인하거나 먼저 gongyak collect로 접수하십시오.",
        )


def _moved(
    row: FigureRow, published: Sequence[FigureRow], before: Sequence[FigureRow]
) -> MovedFigure:
    def change(rows: Sequence[FigureRow]) -> str | None:
        return figure_change(
            next((known for known in rows if known.figure_code == row.figure_code), None), row
        )

    return MovedFigure(row, change(published), change(before))
