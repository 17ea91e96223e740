"""Verify a release: derive it again from the archive and its journal in an empty warehouse."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple

from sqlalchemy import Row

from etl import archive
from etl.archive import Event
from etl.figures import FigureRow, compute, figure_rows, prove
from etl.figures.attachments import ShownPicture, pictures
from etl.figures.differences import (
    Difference,
    cell_differences,
    figure_differences,
    member_differences,
    picture_differences,
    text_differences,
)
from etl.figures.evidence import (
    Evidence,
    EvidenceCell,
    EvidenceMember,
    cells,
    evidence,
    members,
    require_agreement,
)
from etl.figures.narrative import SaidText, texts
from etl.figures.pledges import QuarterAsOf
from etl.figures.released import released_rows
from etl.particles import with_particles
from etl.period import parse_period
from etl.pipeline.erasures import ErasedFile, erased_files, erasure_gaps
from etl.pipeline.journal import journal_of, lacking, write_journal
from etl.pipeline.judgements import versions
from etl.pipeline.publications import Retraction, approved, asked_of, retractions_of
from etl.pipeline.replay import KIND_NAMES, Plan, Replay, gaps, plan, until_approval
from etl.pipeline.telling import counted, say
from etl.problems import SystemFault, UsageError
from etl.warehouse import run_file, scratch_warehouse, transaction


@dataclass(frozen=True)
class OtherVersion:
    """A version of rules, forms or code that is not the present one, and how often it judged."""

    of: str
    version: str
    recorded: str
    present: str
    count: int


@dataclass(frozen=True)
class Verified:
    """What deriving a release again showed.

    `refused` has a line for each thing that is damaged or missing: then nothing was derived.
    `versions` are those, other than the present, that judged its files or computed it; a release
    that was taken back is on record as any other. `erased` are files that were erased after their
    retention period: where there are any, nothing was derived from the archive, and the figures are
    held to the cells in the warehouse alone.
    """

    government: str
    quarter: str
    revision: int
    as_of: datetime
    files: int
    figures: int
    cells: int
    versions: list[OtherVersion]
    refused: list[str]
    differences: list[Difference]
    retraction: Retraction | None = None
    erased: list[ErasedFile] = field(default_factory=list)


def verify(quarter_id: str, government_id: str, revision: int | None = None) -> Verified:
    """Derive a release (default: the last) again and compare all its figures and their evidence.

    Everything of the government that the journal tells of before the approval is done again, with
    the present code, on a warehouse of its own that is dropped at the end; nothing else is written.
    Where a file of it was erased after its retention period, nothing is derived: the figures are
    worked out twice from the rows, and once from the cells, that the warehouse keeps.
    Raises UsageError when there is no such release.
    """
    started, quarter = perf_counter(), parse_period(quarter_id)
    write_journal()
    with transaction() as connection:
        release = approved(connection, government_id, quarter, revision)
        released = released_rows(connection, government_id, quarter, release.revision)
        known = run_file(connection, "replay/events_known.sql", government_id=government_id,
                         as_of=release.as_of)  # fmt: skip
        retracted = retractions_of(connection, government_id, quarter)
    made, erased, refused = _planned(release, known, retracted)
    cell_count, differences = 0, list[Difference]()
    if not refused:
        then = _derive(asked_of(release))
        cell_count = len(then.cells)
        if erased:
            refused = _not_proved(asked_of(release))
            again: _Derived | None = then
        else:
            again, refused = _derive_again(made, asked_of(release))
        if again is not None:
            differences = [
                *figure_differences(released, _comparable(released, again.figures, release)),
                *cell_differences(then.cells, again.cells),
                *member_differences(then.members, again.members),
                *text_differences(then.texts, again.texts),
                *picture_differences(then.pictures, again.pictures),
            ]
    say("검증", started, government=government_id, quarter=quarter_id, revision=release.revision,
        files=len(made.receipts), erased=len(erased) or None,
        differences=len(differences))  # fmt: skip
    return Verified(
        government=government_id,
        quarter=quarter_id,
        revision=release.revision,
        as_of=release.as_of,
        files=len(made.receipts),
        figures=len(released),
        cells=cell_count,
        versions=_other_versions(release, made.steps),
        refused=refused,
        differences=differences,
        retraction=next((one for one in retracted if one.revision == release.revision), None),
        erased=erased,
    )


class _Planned(NamedTuple):
    """What a journal says is to be done again, which files of it were erased, what is amiss."""

    plan: Plan
    erased: list[ErasedFile]
    refused: list[str]


def _planned(
    release: Row[Any], known: Sequence[Row[Any]], retracted: Sequence[Retraction]
) -> _Planned:
    """Read the journal up to the approval of a release; nothing is planned where it is amiss."""
    government_id, quarter_id = release.government_id, release.quarter_id
    all_erased = erased_files()
    journals = (archive.RECEIPTS, journal_of(government_id))
    events, damaged = archive.events(journals)
    refused = [with_particles(f"일지의 {name}이(가) 바뀌었습니다.") for name in damaged]
    refused += gaps(events, [(row.kind, row.number) for row in known])
    refused += _retraction_gaps(events, government_id, quarter_id, retracted)
    refused += erasure_gaps(events, journals, all_erased)
    before = until_approval(events, government_id, quarter_id, release.revision)
    if before is None:
        refused.append(f"일지에 {quarter_id} {release.revision}차의 승인 기록이 없습니다.")
    refused = refused or lacking(events, journals)
    if before is None or refused:
        return _Planned(Plan(), [], refused)
    made = plan(before, government_id)
    erased = [
        one
        for one in all_erased
        if one.submission_id in made.receipts and not archive.holds(one.sha256)
    ]
    return _Planned(made, erased, _damaged_files(made, {one.sha256 for one in erased}))


def _retraction_gaps(
    events: Sequence[Event], government_id: str, quarter_id: str, retracted: Sequence[Retraction]
) -> list[str]:
    """Return a line for each retraction of a quarter that journal and warehouse tell otherwise."""
    known = {(one.revision, one.retracted_by, one.reason) for one in retracted}
    told = {
        (line["revision"], line["retracted_by"], line["reason"])
        for event in events
        if event.kind == "retraction"
        for line in event.lines
        if (line["government_id"], line["quarter_id"]) == (government_id, quarter_id)
    }
    return [
        f"{place}에 {quarter_id} {revision}차의 철회 기록이 없거나 다릅니다."
        for place, revisions in (("일지", known - told), ("창고", told - known))
        for revision, *_ in sorted(revisions)
    ]


def _damaged_files(made: Plan, erased: Collection[str]) -> list[str]:
    """Return a line for each file of the plan that is neither erased nor as it was received."""
    names = {
        one.sha256: one.file_name for one in made.receipts.values() if one.sha256 not in erased
    }
    found = []
    for sha256, name in names.items():
        try:
            archive.get(sha256)
        except SystemFault as fault:
            found.append(f"{fault.happened} 접수 때의 이름은 {name}입니다.")
    return found


def _other_versions(release: Row[Any], steps: Sequence[Event]) -> list[OtherVersion]:
    """One entry per version that is not the present one."""
    present = versions()
    judged = Counter(
        (name, line[name])
        for step in steps
        if step.kind in ("check", "recheck")
        for line in step.lines
        for name in present
        if name in line
    )
    told = [("release", name, getattr(release, name), 1) for name in present]
    told += [("check", name, version, count) for (name, version), count in sorted(judged.items())]
    return [
        OtherVersion(of, name, recorded, present[name], count)
        for of, name, recorded, count in told
        if recorded != present[name]
    ]


def _comparable(
    released: Sequence[FigureRow], derived: Sequence[FigureRow], release: Row[Any]
) -> list[FigureRow]:
    """Leave out figures that were not yet defined for a release of another version."""
    codes = {row.figure_code for row in released}
    is_of_now = all(getattr(release, name) == now for name, now in versions().items())
    return [row for row in derived if is_of_now or row.figure_code in codes]


class _Derived(NamedTuple):
    """What a warehouse says of a quarter: figures, cells behind them, scopes, words, pictures."""

    figures: list[FigureRow]
    cells: list[EvidenceCell]
    members: list[EvidenceMember]
    texts: list[SaidText]
    pictures: list[ShownPicture]


def _derive(asked: QuarterAsOf) -> _Derived:
    with transaction() as connection:
        compute(connection, asked)
        return _Derived(
            figure_rows(connection), cells(connection, asked), members(connection),
            texts(connection), pictures(connection, asked.as_of),
        )  # fmt: skip


def _not_proved(asked: QuarterAsOf) -> list[str]:
    """Return why the figures do not follow from what the warehouse keeps, if they do not."""
    behind: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    try:
        with transaction() as connection:
            compute(connection, asked)
            prove(connection, asked)
            for one in evidence(connection, asked):
                behind[one.figure_code, one.scope_type, one.scope_id].append(one)
            for figure in figure_rows(connection):
                key = figure.figure_code, figure.scope_type, figure.scope_id
                require_agreement(figure, behind[key])
    except SystemFault as fault:
        return [fault.happened]
    return []


def _derive_again(made: Plan, asked: QuarterAsOf) -> tuple[_Derived | None, list[str]]:
    """Return the same as `_derive`, from the plan; None where it fails, and why."""
    doing = "계산"
    with scratch_warehouse():
        try:
            again = Replay(made)
            again.start()
            for step in counted("검증", made.steps, len(made.steps)):
                doing = f"일지 {step.name}의 {KIND_NAMES[step.kind]}"
                again.do(step)
            doing = "지표 계산"
            return _derive(asked), []
        except (UsageError, SystemFault) as error:
            told = with_particles(f"{doing}을(를) 다시 하지 못했습니다:")
            return None, [f"{told} {error.happened}"]
