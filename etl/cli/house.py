"""The whole installation: how it is, out of the house as a backup, and back."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.cells import set_cell_size

from etl import pipeline
from etl.cli import shell
from etl.cli.progress import logs_to_stderr, progress
from etl.problems import UsageError

_MEGABYTE = 1024 * 1024
_STATE_WIDTH = 7


@shell.command()
def backup(
    to: Annotated[
        str | None, typer.Argument(metavar="TO", help="폴더나 주소(없으면 GONGYAK_BACKUP_URL)")
    ] = None,
) -> None:
    """창고, Airflow, 보관소, 열쇠를 오늘의 백업으로 씁니다."""
    logs_to_stderr()
    with progress("백업"):
        told = pipeline.back_up(to)
    databases = "창고와 Airflow" if told.has_airflow else "창고"
    shell.out.print(
        f"백업 {told.day}: {databases}, 보관 파일과 일지 {told.archived}개(새로 {told.copied}개),"
        f" 열쇠 {told.keys}개, {told.bytes / _MEGABYTE:,.1f}MB. {told.place}"
    )


@shell.command(ends={shell.BLOCKED: "되살렸으나 백업이나 발표와 다른 것이 있음"})
def restore(
    source: Annotated[
        str | None,
        typer.Argument(metavar="FROM", help="백업이 있는 폴더나 주소(--check에서는 비워도 됨)"),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", help="어느 날의 백업(없으면 마지막), 예: 2026-11-30")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="곁의 빈 곳에 되살려 확인만 하고 지웁니다. 자료는 그대로"),
    ] = False,
) -> None:
    """빈 곳에 백업을 되살리고 발표를 다시 내어 견줍니다."""
    logs_to_stderr()
    if check:
        shell.ready()
        with progress("되살리기"):
            told = pipeline.check_backup(day, source)
        shell.out.print(f"복원 점검 {told.day}: 되살아나며, 같은 발표가 {told.verified}건입니다.")
        return
    if source is None:
        raise UsageError.refused("백업이 있는 곳을 주지 않았습니다.", "gongyak restore 폴더")
    with progress("되살리기"):
        told = pipeline.restore(source, day)
    holds = told.holds
    shell.out.print(
        f"되살림 {told.day}: 기관 {holds['governments']}곳, 분기 {holds['quarters']}개, 접수"
        f" {holds['submissions']}건, 발표 {holds['releases']}건, 보관 파일과 일지"
        f" {told.archived}개" + (", Airflow" if told.has_airflow else "")
    )
    if told.differences:
        shell.out.print(f"다른 것 {len(told.differences)}건")
        for line in told.differences:
            shell.out.print(f"- {line}")
        raise typer.Exit(shell.BLOCKED)
    from_cells = f"(원본을 지워 창고의 칸에서만 낸 것 {told.partly}건)" if told.partly else ""
    shell.out.print(
        f"보관소가 온전하고, 서 있는 발표 {told.verified}건{from_cells}을 다시 낸 지표가 모두"
        " 같습니다."
    )
    if holds["releases"]:
        shell.out.print("발표 파일은 gongyak publish로 다시 쓸 수 있습니다.")


@shell.command()
def erase(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="무엇을 지울지 세기만 하고 아무것도 바꾸지 않습니다")
    ] = False,
    at: shell.At = None,
) -> None:
    """개인정보 보유기간이 지난 원본과 그 안의 이름·전화를 지웁니다."""
    shell.ready()
    with progress("개인정보 삭제"):
        told = pipeline.erase_personal(shell.valid_moment(at), is_dry_run=dry_run)
    if told.days is None:
        shell.out.print(
            "GONGYAK_PERSONAL_DATA_DAYS를 정하지 않아 새로 지우는 것이 없습니다."
            " 보유기간(일)을 적으면 지웁니다."
        )
        return
    done = "지울 것" if dry_run else "지움"
    said = f"보유기간 {told.days}일이 지난 원본 {told.files}개, 창고의 {told.rows}줄"
    shell.out.print(f"{done}: {said}")
    shell.out.print(
        "아무것도 바꾸지 않았습니다."
        if dry_run
        else f"보관소와 outbox에서 파일 {told.removed}개를 치웠습니다."
        " 지표와 근거 칸은 그대로입니다."
    )


@shell.command(ends={shell.BLOCKED: "고장이 있음"})
def doctor(as_json: shell.Json = False) -> None:
    """설치가 성한지 한 줄씩 살핍니다. 아무것도 바꾸지 않습니다."""
    from etl.doctor import STATE_NAMES, examine

    with progress("살핌"):
        records = examine()
    if as_json:
        shell.print_json(records)
    for one in () if as_json else records:
        state = set_cell_size(STATE_NAMES[one.state], _STATE_WIDTH)
        remedy = f" → {one.remedy}" if one.remedy else ""
        shell.out.print(f"{state} {one.title}: {one.said}{remedy}", markup=False)
    if any(one.state == "broken" for one in records):
        raise typer.Exit(shell.BLOCKED)
