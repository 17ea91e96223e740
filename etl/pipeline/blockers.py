"""What stands in the way of a release: a line for each thing, and what a waiver could let pass."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from etl.figures import gather_attachments, gather_narrative
from etl.figures.pledges import QuarterAsOf
from etl.figures.published import PublishedFigure
from etl.particles import with_particles
from etl.quarter import SEOUL
from etl.warehouse import records, run_file

COVERAGE_RULE = "M-05"
NAME_RULE, NUMBER_RULE = "N-01", "N-02"
UNTOUCHED = "발표한 것은 그대로입니다."


class MissingPledge(NamedTuple):
    """One pledge without its report of the quarter, and the waiver that lets it be published."""

    department_code: str | None
    department_name: str | None
    pledge_id: str
    waiver_id: int | None
    reason: str | None


class PersonalText(NamedTuple):
    """What the texts of one pledge tell of a person, masked, and the waiver that lets it pass."""

    rule_id: str
    department_code: str | None
    department_name: str | None
    pledge_id: str
    kind_names: str
    shown: str
    waiver_id: int | None
    reason: str | None


class CountedFile(NamedTuple):
    """One file that counts for the quarter; `open_count` are its findings without a reason."""

    submission_id: int
    file_name: str
    department_name: str
    is_late: bool
    is_stale: bool
    is_erased: bool
    open_count: int


class Gap(NamedTuple):
    """What a waiver of a rule could let pass of one department: all of it, or one pledge."""

    rule_id: str
    department_code: str | None
    department_name: str | None
    pledge_ids: list[str]
    waive_until: date
    is_of_pledge: bool = False


def personal_texts(connection: Connection, asked: QuarterAsOf) -> list[PersonalText]:
    """Return what the texts that would be published tell of people."""
    gather_narrative(connection)
    gather_attachments(connection, asked.as_of)
    found = run_file(
        connection, "release/personal.sql",
        government_id=asked.government_id, as_of=asked.as_of,
        name_rule=NAME_RULE, number_rule=NUMBER_RULE,
    )  # fmt: skip
    return records(PersonalText, found)


def blockers(
    asked: QuarterAsOf,
    files: Sequence[CountedFile],
    missing: Sequence[MissingPledge],
    personal: Sequence[PersonalText],
    printed: Sequence[PublishedFigure],
) -> list[str]:
    """Return one line for each thing in the way: what, what is untouched, what to do next."""
    place = f"{asked.quarter} --government {asked.government_id}"
    lines = [_uncovered(asked, gap) for gap in _uncovered_gaps(asked, missing)]
    if stale := [row for row in files if row.is_stale]:
        lines.append(
            f"지금과 다른 판의 규칙으로 점검한 파일이 {len(stale)}개 있습니다. {UNTOUCHED}"
            f" 다음: gongyak recheck {place} --record로 남기고 그 뒤의 자료로 결정하십시오."
        )
    lines.extend(
        f"{row.department_name} {row.file_name}(접수 {row.submission_id})에 사유를 받지 못한 지적이"
        f" {row.open_count}건 있습니다. {UNTOUCHED} 정정사유나 고친 파일을 받아 gongyak collect로"
        " 접수하십시오."
        for row in files
        if row.open_count
    )
    lines.extend(_personal(asked, one) for one in personal if one.waiver_id is None)
    return lines + [_contradicted(asked, one) for one in printed if one.is_open]


def gaps(
    asked: QuarterAsOf, missing: Sequence[MissingPledge], personal: Sequence[PersonalText]
) -> list[Gap]:
    """Return what waivers could let pass."""
    return [*_uncovered_gaps(asked, missing), *_personal_gaps(asked, personal)]


def _uncovered_gaps(asked: QuarterAsOf, missing: Sequence[MissingPledge]) -> list[Gap]:
    pledges: Mapping[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for row in missing:
        if row.waiver_id is None:
            pledges[row.department_code, row.department_name].append(row.pledge_id)
    return [
        Gap(COVERAGE_RULE, code, name, ids, _until(asked)) for (code, name), ids in pledges.items()
    ]


def _until(asked: QuarterAsOf) -> date:
    """Return until when a waiver is offered."""
    return asked.as_of.astimezone(SEOUL).date() + timedelta(days=30)


def _uncovered(asked: QuarterAsOf, gap: Gap) -> str:
    department = f" --department {gap.department_code}" if gap.department_code else ""
    return (
        f"보고율이 100 %가 아닙니다: {gap.department_name}의 공약 {len(gap.pledge_ids)}건"
        f"({', '.join(gap.pledge_ids)})이 {asked.quarter.this}에 보고되지 않았습니다."
        f" {UNTOUCHED} 보고를 받거나, 없이 발표하려면 예외를 적으십시오:"
        f" {_waive(asked, COVERAGE_RULE + department)}"
    )


def _waive(asked: QuarterAsOf, what: str) -> str:
    """Return the command that waives something for the quarter that is decided on."""
    return (
        f"gongyak waive {what} --from {asked.quarter} --to {asked.quarter}"
        f" --expires {_until(asked)} --by 결정한사람 --reason 까닭"
        f" --government {asked.government_id}"
    )


def _personal_gaps(asked: QuarterAsOf, personal: Sequence[PersonalText]) -> list[Gap]:
    return [
        Gap(one.rule_id, one.department_code, one.department_name, [one.pledge_id], _until(asked),
            is_of_pledge=True)
        for one in personal
        if one.waiver_id is None
    ]  # fmt: skip


def _personal(asked: QuarterAsOf, one: PersonalText) -> str:
    told = "사람 이름" if one.rule_id == NAME_RULE else "개인의 번호나 메일"
    return with_particles(
        f"{one.department_name} 공약 {one.pledge_id}의 글({one.kind_names})에 {told}이(가) 있는"
        f" 듯합니다({one.shown}). {UNTOUCHED} 지운 보고나 대장을 다시 받거나, 그대로"
        f" 발표하려면 예외를 적으십시오: {_waive(asked, f'{one.rule_id} --pledge {one.pledge_id}')}"
    )


def _contradicted(asked: QuarterAsOf, one: PublishedFigure) -> str:
    return with_particles(
        f"{one.printed_in}에 실린 {one.told}이(가) 다시 계산한 값과 다릅니다({one.verdict_name}):"
        f" {one.proof}. {UNTOUCHED} 값이나 보고를 고치거나, 그대로 두려면 공표값에 사유를 적어"
        f" 올리십시오: gongyak published 파일 --government {asked.government_id}"
    )
