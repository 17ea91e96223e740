"""The house: the demo, queries of analysts, Airflow on and off."""

from __future__ import annotations

import csv
import os
import shlex
import sys
from typing import Annotated

import typer

from etl import warehouse
from etl.cli import shell
from etl.cli.progress import logs_to_stderr, progress
from etl.unit import write_unit


@shell.command(ends={shell.BLOCKED: "계산한 값이 공표된 값과 다름"})
def demo() -> None:
    """실제로 공표된 자료를 처음부터 끝까지 흘려 보내고 지표를 보여 줍니다."""
    from etl.demo import run_demo

    logs_to_stderr()
    if run_demo():
        raise typer.Exit(shell.BLOCKED)


@shell.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="SELECT 문(없으면 표준입력)")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV로")] = False,
    is_dsn: Annotated[
        bool,
        typer.Option(
            "--dsn", help="조회하지 않고, 같은 권한의 접속 주소를 냅니다(암호가 들 수 있음)"
        ),
    ] = False,
) -> None:
    """분석가 권한으로 읽기만 하는 조회를 합니다."""
    shell.ready()
    if is_dsn:
        print(warehouse.analyst_dsn())
        return
    asked = sys.stdin.read() if query is None else query
    with progress("조회"):
        headers, rows = warehouse.analyst_query(asked)
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(headers)
        writer.writerows(rows)
    else:
        shell.print_table(f"{len(rows)}행", headers, rows)


@shell.command()
def erd() -> None:
    """mart의 표와 그 이어짐을 그림(SVG) 하나로 냅니다."""
    shell.ready()
    print(warehouse.mart_diagram(), end="")


@shell.command()
def up(
    systemd: Annotated[
        bool, typer.Option("--systemd", help="켜지 않고, 서버가 스스로 켜는 데 쓸 파일을 씁니다")
    ] = False,
) -> None:
    """Airflow와 그 웹 화면을 켜고 지킵니다."""
    from etl import service

    shell.ready()
    if systemd:
        unit = write_unit(service.REPOSITORY)
        shell.out.print(f"쓴 파일: {unit}. 관리자(root)로 이어서:")
        shell.out.print(f"  cp {shlex.quote(str(unit))} /etc/systemd/system/")
        shell.out.print("  systemctl daemon-reload && systemctl enable --now gongyak")
        return
    with progress("Airflow 켜기"):
        state = service.up()
    shell.out.print(f"Airflow: {state.url} (사용자 {state.user}, 암호는 {state.password_file})")
    if state.page_fault:
        shell.out.print(f"제출 현황 화면이 뜨지 않았습니다: {state.page_fault}")


@shell.command()
def down() -> None:
    """Airflow와 내장 PostgreSQL을 끕니다."""
    from etl import service

    with progress("끄기"):
        stopped = service.down()
    shell.out.print("모두 껐습니다." if stopped else "켜져 있는 것이 없습니다.")


# What stands behind the first word is Airflow's, its options too.
@shell.command(context_settings={"allow_interspersed_args": False})
def airflow(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="예: connections list")],
) -> None:
    """Airflow의 명령을 이 설치의 데이터베이스와 열쇠로 실행합니다(연결 만들기 등).

    시작한 뒤의 끝 코드는 그 명령의 것입니다.
    """
    environment = shell.environment_in_use()
    os.execve(  # noqa: S606
        sys.executable, [sys.executable, "-m", "airflow", *words], environment
    )
