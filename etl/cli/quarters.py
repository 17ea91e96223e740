"""One quarter: invitations, who has reported, the figures and the collected workbook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.progress import progress
from etl.common import shown
from etl.period import word_of
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.shown import one_decimal


@shell.command()
def invite(
    quarter: shell.QuarterText,
    cards: Annotated[
        bool, typer.Option("--cards", help="공약마다 미리 채운 관리카드(.hwpx)도 씁니다")
    ] = False,
    government: shell.Government = None,
    at: shell.At = None,
) -> None:
    """부서마다 미리 채운 작성 파일 하나를 씁니다."""
    shell.ready()
    moment = shell.valid_moment(at)
    asked = shell.chosen_quarter(quarter, government, moment)
    with progress("작성 파일", *(["관리카드"] if cards else [])):
        invited = pipeline.invite(*asked, moment, cards)
    shell.out.print(f"작성 파일 {len(invited.files)}개: {invited.folder}")
    for path in invited.files:
        shell.out.print(f"  {Path(path).name}")
    if cards:
        shell.out.print(f"관리카드 {len(invited.cards)}개: {invited.folder}/cards/부서/")


@shell.command()
def remind(at: shell.At = None) -> None:
    """제출 기간인데 보고하지 않은 부서를 보이고, 켜 두었으면 마감 안내 메일을 보냅니다."""
    shell.ready()
    with progress("마감 안내"):
        told = pipeline.remind(shell.valid_moment(at))
    shell.print_table(
        f"아직 보고하지 않은 부서 {len(told.reminders)}곳",
        ("분기", "부서", "남은 날"),
        [(one.quarter_id, one.department, one.days_left) for one in told.reminders],
    )
    mails = told.mails
    if mails.sent or mails.written or mails.unsent:
        shell.out.print(
            f"메일: 보냄 {mails.sent}통, 파일로 씀 {mails.written}통, 보내지 못함 {mails.unsent}통"
        )


@shell.command()
def status(
    quarter: shell.QuarterText,
    government: shell.Government = None,
    as_json: shell.Json = False,
    at: Annotated[str | None, typer.Option("--at", help="그때 알던 대로")] = None,
) -> None:
    """누가 냈고, 늦었고, 막혔고, 내지 않았는지 보여 줍니다."""
    shell.ready()
    moment = shell.valid_moment(at)
    quarter_id, chosen = shell.chosen_quarter(quarter, government, moment)
    rows = pipeline.status(quarter_id, chosen, moment if at else None)
    unknown = pipeline.rejected_without_department(moment if at else None)
    faults = pipeline.open_faults()
    if as_json:
        shell.print_json(rows)
        return
    shell.print_table(
        f"{quarter_id} 제출 현황 ({chosen})",
        ("부서", "상태", "보고/보고할 공약", "접수번호", "접수", "보류", "사유 필요", "참고"),
        [
            (r.department_name, pipeline.STATE_NAMES[r.state],
             f"{r.reported_count}/{r.owed_count}", r.submission_id,
             f"{r.received_at:%Y-%m-%d %H:%M}" if r.received_at else None,
             r.blocking_count, r.open_count, r.inform_count)
            for r in rows
        ],
    )  # fmt: skip
    _print_retracted(quarter_id, chosen)
    _print_erased(quarter_id, chosen)
    for row in unknown:
        shell.out.print(f"부서를 알 수 없는 파일: {row.file_name} (접수 {row.submission_id})")
    for one in faults:
        shell.out.print(pipeline.told_fault(one), markup=False)
        shell.out.print(one.trace, markup=False)
    if at is None:
        _print_stale(quarter_id, chosen)


def _print_retracted(quarter_id: str, government_id: str) -> None:
    releases = pipeline.revisions(government_id, quarter_id)
    for one in reversed(releases):
        if one.retracted_at:
            moment = f"{one.retracted_at.astimezone(SEOUL):%Y-%m-%d %H:%M}"
            told = f"철회한 발표: {quarter_id} {one.revision}차({moment}): {one.retraction_reason}"
            shell.out.print(told, markup=False)
    if releases and releases[0].retracted_at:
        shell.out.print(
            "지금 유효한 발표가 없습니다. 앞 차수가 되살아나지 않으며, 다시 발표해야 합니다."
        )


def _print_erased(quarter_id: str, government_id: str) -> None:
    for line in pipeline.told_erased(pipeline.erased_files(government_id, quarter_id)):
        shell.out.print(line, markup=False)


def _print_stale(quarter_id: str, government_id: str) -> None:
    if stale := pipeline.stale_files(quarter_id, government_id):
        shell.out.print(
            f"지금과 다른 판의 규칙으로 점검한 파일이 {len(stale)}개 있습니다."
            f" 다음: gongyak recheck {quarter_id} --government {government_id}"
        )


@shell.command()
def report(
    quarter: shell.QuarterText, government: shell.Government = None, at: shell.At = None
) -> None:
    """분기 지표를 계산하고 취합.xlsx를 씁니다."""
    shell.ready()
    moment = shell.valid_moment(at)
    asked = shell.chosen_quarter(quarter, government, moment)
    with progress("지표", "취합"):
        path = shown(pipeline.report(*asked, moment))
        rows = pipeline.figures(*asked, moment, None, "all")
    missing = [r for r in pipeline.status(*asked, moment if at else None)
               if r.reported_count < r.owed_count]  # fmt: skip
    waived = pipeline.waived_findings(*asked)
    denominator = pipeline.denominator_changes(*asked)
    _print_figures(f"{asked[0]} 지표 ({asked[1]})", rows)
    _print_denominator(denominator)
    _print_waived(waived)
    for row in missing:
        shell.out.print(
            f"덜 보고한 부서: {row.department_name}"
            f" ({row.reported_count}/{row.owed_count}, {pipeline.STATE_NAMES[row.state]})"
        )
    _print_stale(*asked)
    _print_retracted(*asked)
    shell.out.print(f"취합: {path}")
    if pictures := pipeline.pictures_to_see(*asked):
        shell.out.print(f"공개될 사진 {len(pictures)}건: {shown(pictures[0].parent)}")


def _print_by_government(
    title: str,
    headers: Sequence[str],
    lines: Sequence[tuple[Any, ...]],
    rows: Sequence[pipeline.FigureRow],
) -> None:
    """Print a line per row, beginning with the government where the rows are of several."""
    governments = [row.government_id for row in rows]
    if len(set(governments)) > 1:
        headers = ("기관", *headers)
        lines = [(one, *line) for one, line in zip(governments, lines, strict=True)]
    shell.print_table(title, headers, lines)


def _print_figures(title: str, rows: Sequence[pipeline.FigureRow]) -> None:
    _print_by_government(
        title,
        ("코드", "지표", "범위", "값", "분자", "분모", "공약", "보고", "이월", "보고율(%)", "예외"),
        [
            (r.figure_code, r.figure_name, shell.joined(r.scope_type, r.scope_name),
             r.shown + (f" ({r.no_value_reason})" if r.no_value_reason else ""),
             r.numerator, r.denominator, r.pledge_count, r.reported_count,
             r.carried_forward_count, one_decimal(r.coverage_pct), r.waiver_count or None)
            for r in rows
        ],
        rows,
    )  # fmt: skip


def _print_denominator(changes: Sequence[pipeline.DenominatorChange], limit: int = 30) -> None:
    """Print one line per pledge that came into the denominators or left them, many of them cut."""
    for change in changes[:limit]:
        verb = "들어옴" if change.change_kind == "entered" else "빠짐"
        decided = ", ".join(str(p) for p in (change.decided_on, change.approver) if p)
        related = f" {change.related_pledge_ids}" if change.related_pledge_ids else ""
        shell.out.print(
            f"분모 {change.count_before} → {change.count_after}: 공약 {change.pledge_id}"
            f" {verb}, {change.reason_name}{related}" + (f" ({decided})" if decided else "")
        )
    if len(changes) > limit:
        more = f"{len(changes) - limit}건 더 있습니다(mart.denominator_history)"
        shell.out.print(f"분모가 바뀐 공약이 {more}.")


def _print_waived(found: Sequence[pipeline.WaivedFinding]) -> None:
    if found:
        shell.print_table(
            f"점검예외로 든 값 {len(found)}건",
            ("규칙", "부서", "공약", "지적", "예외로 둔 까닭", "만료일"),
            [
                (w.rule_id, w.department_code, w.pledge_id, w.message, w.reason,
                 f"{w.expires_on}{' (끝남)' if w.is_expired else ''}")
                for w in found
            ],
        )  # fmt: skip


@shell.command()
def figures(
    quarter: shell.QuarterText,
    code: Annotated[str | None, typer.Option("--code", help="지표 코드, 예: R1")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="범위 종류, 예: field")] = None,
    as_of: shell.AsOf = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="지난 분기·지난해 같은 분기와 견줍니다(%p)")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all-governments", help="불러온 모든 기관을 한 표로 보입니다")
    ] = False,
    set_id: Annotated[
        str | None,
        typer.Option("--set", help="기관 묶음의 지표: all(모든 기관)이나 상위기관의 코드"),
    ] = None,
    government: shell.Government = None,
    as_json: shell.Json = False,
) -> None:
    """지표를 보여 줍니다."""
    shell.ready()
    if set_id and (compare or every or government):
        raise UsageError.refused(
            "--set은 --compare, --all-governments, --government와 함께 쓰지 않습니다.",
            "그 가운데 하나만 주십시오.",
        )
    chosen = _chosen(set_id, government, every=every)
    quarter_id, moment = shell.valid_quarter(quarter), shell.valid_moment(as_of)
    ask = pipeline.compared_figures if compare else pipeline.figures
    rows: list[Any] = []
    with progress("지표"):
        for one in pipeline.counted("지표", chosen, len(chosen)):
            try:
                pipeline.require_quarter(quarter_id, one, moment)
                rows += ask(quarter_id, one, moment, code, scope)
            except UsageError as error:
                if not (every or set_id):
                    raise
                print(error, file=sys.stderr)
    if not rows:
        raise typer.Exit(shell.REFUSED)
    title = f"{quarter_id} 지표 ({', '.join(chosen)})"
    if set_id:
        from etl.figures.sets import of_set

        rows = [*of_set(set_id, rows)]
    if as_json:
        shell.print_json([{k: _number_text(v) for k, v in asdict(row).items()} for row in rows])
    elif compare:
        _print_compared(title, rows)
    else:
        _print_figures(title, rows)


def _chosen(set_id: str | None, government: str | None, *, every: bool) -> list[str]:
    """Return the governments whose figures are asked for; raises UsageError for unknown ones."""
    if set_id:
        return pipeline.government_set(set_id)
    return pipeline.governments() if every else [pipeline.only_government(government)]


def _number_text(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool)) else str(value)


def _print_compared(title: str, rows: Sequence[pipeline.ComparedFigure]) -> None:
    kind = word_of(row.quarter_id for row in rows)
    _print_by_government(
        title,
        ("코드", "지표", "범위", "값", f"지난 {kind}", "%p", f"지난해 같은 {kind}", "%p", "분모",
         "비고"),
        [
            (r.figure_code, r.figure_name, shell.joined(r.scope_type, r.scope_name), r.shown,
             r.previous_shown, pipeline.shown_change(r.change_pp),
             r.year_ago_shown, pipeline.shown_change(r.year_ago_change_pp),
             r.denominator, _remark(r))
            for r in rows
        ],
        rows,
    )  # fmt: skip


def _remark(row: pipeline.ComparedFigure) -> str:
    """Say that the denominator is small, and why there is no change, each reason once."""
    before, year_ago = row.no_change_reason, row.year_ago_no_change_reason
    word = word_of([row.quarter_id])
    reasons = (
        [before] if before == year_ago else
        [before and f"지난 {word}: {before}", year_ago and f"지난해: {year_ago}"]
    )  # fmt: skip
    small = "분모가 작음" if row.is_small_denominator else None
    return " · ".join(part for part in (small, *reasons) if part)
