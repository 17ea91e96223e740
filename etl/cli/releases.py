"""`gongyak release`, `retract`, `publish`: decide what is published, and write its files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.progress import progress
from etl.quarter import SEOUL

_LISTED = 40


@shell.command(ends={shell.BLOCKED: "발표를 막는 것이 있음"})
def release(
    quarter: shell.QuarterText,
    by: Annotated[str | None, typer.Option("--by", help="결정한 사람의 직위나 이름")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="근거 또는 까닭")] = None,
    send_back: Annotated[
        bool, typer.Option("--send-back", help="승인하지 않고 돌려보냅니다(--reason과 함께)")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="요약만 보입니다(--by가 없을 때와 같음)")
    ] = False,
    demo: Annotated[
        bool,
        typer.Option("--auto-approve-for-demo", help="사람 없이 승인하고 시연이라고 남깁니다"),
    ] = False,
    government: shell.Government = None,
    at: shell.At = None,
) -> None:
    """분기 지표의 발표를 승인하거나 돌려보냅니다. --by가 없으면 결정할 요약만 보입니다."""
    shell.ready()
    moment = shell.valid_moment(at)
    quarter_id, chosen = shell.chosen_quarter(quarter, government, moment)
    decision = None if dry_run else _decision(by, reason, moment, send_back, demo)
    with progress("지표", "발표 파일"):
        if decision:
            done = pipeline.release(quarter_id, chosen, decision)
        else:
            summary = pipeline.release_summary(quarter_id, chosen, moment)
            done = pipeline.Released(summary, "blocked" if summary.blockers else "undecided")
    _print_summary(done.summary)
    _print_outcome(done)
    if done.outcome == "blocked":
        raise typer.Exit(shell.BLOCKED)


@shell.command()
def publish(
    quarter: shell.QuarterText,
    revision: shell.Revision = None,
    government: shell.Government = None,
) -> None:
    """발표한 파일을 그대로 다시 씁니다. 발표한 것과 다르게 계산되면 쓰지 않습니다."""
    shell.ready()
    asked = shell.chosen_quarter(quarter, government)
    with progress("지표", "발표 파일"):
        written = pipeline.publish_again(*asked, revision)
    shell.out.print(
        f"{quarter} {written.revision}차의 파일 {len(written.files)}개: {written.folder}"
    )
    for name in written.files:
        shell.out.print(f"  {name}")


@shell.command()
def retract(
    quarter: shell.QuarterText,
    by: shell.By,
    reason: shell.Reason,
    revision: Annotated[int | None, typer.Option(help="몇 차 발표(꼭 적음)")] = None,
    government: shell.Government = None,
    at: shell.At = None,
) -> None:
    """발표한 것을 철회합니다. 기록은 남고, 발표 폴더에 철회되었다고 적습니다."""
    shell.ready()
    moment = shell.valid_run_moment(at)
    done = pipeline.retract(
        *shell.chosen_quarter(quarter, government), revision, by, reason, moment
    )
    told = f"{quarter} {done.retraction.revision}차"
    if done.is_repeated:
        shell.out.print(f"{told}: 이미 같은 까닭으로 철회했습니다. 바뀐 것이 없습니다.")
    else:
        shell.out.print(f"{told} 발표를 철회했습니다. 기록은 남습니다: {done.folder}")
    shell.out.print(
        f"지금 유효한 발표: {done.current}차"
        if done.current
        else f"지금 유효한 발표가 없습니다. 다시 발표하려면: gongyak release {quarter}"
    )


def _decision(
    by: str | None, reason: str | None, at: datetime, send_back: bool, demo: bool
) -> pipeline.Decision | None:
    if demo:
        return pipeline.Decision(by or pipeline.DEMO, at, reason, is_demo=True)
    return None if by is None else pipeline.Decision(by, at, reason, is_approved=not send_back)


def _print_summary(summary: pipeline.ReleaseSummary) -> None:
    shell.print_table(
        pipeline.release_title(summary), pipeline.RELEASE_HEADERS, pipeline.release_rows(summary)
    )
    for line in pipeline.release_lines(summary):
        shell.out.print(line)


def _print_outcome(done: pipeline.Released) -> None:
    last, quarter = done.summary.last, done.summary.quarter
    if last and done.summary.is_unchanged:
        shell.out.print(
            f"{last.revision}차({last.decided_at.astimezone(SEOUL):%Y-%m-%d %H:%M},"
            f" {last.decided_by})와 같습니다. 새로 발표할 것이 없습니다."
        )
    elif done.revision is not None:
        shell.out.print(f"{quarter} {done.revision}차를 발표했습니다: {done.folder}")
        if last:
            _print_changes(quarter, done.summary.government, done.revision)
    elif done.outcome == "returned":
        shell.out.print(f"{quarter}을(를) 돌려보냈습니다. 발표한 것은 그대로입니다.")
    elif done.outcome == "undecided":
        shell.out.print("아무것도 쓰지 않았습니다. 결정하려면 --by를 더하십시오.")


def _print_changes(quarter: str, government: str, revision: int) -> None:
    figures, pledges = pipeline.release_changes(quarter, government, revision)
    cut = f" (처음 {_LISTED}개)" if len(figures) > _LISTED else ""
    shell.print_table(
        f"앞 차수와 달라진 지표 {len(figures)}개{cut}",
        ("코드", "범위", "앞", "뒤", "차이(%p)"),
        [
            (f.figure_code, shell.joined(f.scope_type, f.scope_name), f.shown_before, f.shown_after,
             None if f.change_pp is None else f"{f.change_pp:+.2f}")
            for f in figures[:_LISTED]
        ],
    )  # fmt: skip
    shell.print_table(
        f"달라진 공약 {len(pledges)}건과 까닭",
        ("공약", "공약명", "추진상황", "이행률(%)", "까닭", "정정사유"),
        [
            (p.pledge_id, p.pledge_name, _step(p.status_before, p.status_after),
             _step(p.declared_rate_before_pct, p.declared_rate_after_pct),
             "새 보고" if p.cause == "report" else "공약대장", p.correction_reason)
            for p in pledges
        ],
    )  # fmt: skip


def _step(before: Any, after: Any) -> str:
    return str(after) if before == after else f"{before} → {after}"
