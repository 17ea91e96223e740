"""`gongyak published`: take in printed values, and show how they stand to the figures."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.files import print_registered
from etl.cli.progress import progress
from etl.problems import UsageError


@shell.command(
    ends={shell.BLOCKED: "불러온 것이 없거나, 다시 계산한 값과 다른데 사유가 없는 값이 있음"}
)
def published(
    file: Annotated[
        str | None, typer.Argument(help="공표값 시트가 든 .xlsx나, 같은 열의 .csv")
    ] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", help="공표값을 볼 분기, 예: 2021Q4")
    ] = None,
    as_of: shell.AsOf = None,
    government: shell.Government = None,
    as_json: shell.Json = False,
    at: shell.At = None,
) -> None:
    """인쇄해 발표한 값을 파일에서 올리고, 한 분기의 공표값을 다시 계산한 값과 견줍니다.

    파일은 거기 적힌 분기와 출처의 공표값 전체입니다.
    """
    shell.ready()
    if not (file or quarter):
        raise UsageError.refused(
            "파일도 분기도 없습니다.", "공표값 파일이나 --quarter 2021Q4를 주십시오."
        )
    if file:
        chosen, moment = pipeline.only_government(government), shell.valid_run_moment(at)
        with progress(*pipeline.STAGES):
            done = pipeline.take_published(file, chosen, moment)
        print_registered(done, "공표값")
    if quarter:
        _show(quarter, as_of, government, as_json=as_json)


def _show(quarter: str, as_of: str | None, government: str | None, *, as_json: bool) -> None:
    moment = shell.valid_moment(as_of)
    quarter_id, chosen = shell.chosen_quarter(quarter, government, moment)
    rows = pipeline.published(quarter_id, chosen, moment)
    if as_json:
        shell.print_json([{k: _number_text(v) for k, v in asdict(row).items()} for row in rows])
    else:
        shell.print_table(
            f"{quarter_id} 공표값 {len(rows)}건 ({chosen})",
            ("출처", "코드", "지표", "범위", "공표", "계산", "판정", "견준 것", "사유"),
            [
                (r.printed_in, r.figure_code, r.figure_name, r.scope_told, r.shown,
                 r.shown_again, r.verdict_name, r.proof, r.reason)
                for r in rows
            ],
        )  # fmt: skip
        for one in pipeline.published_files(quarter_id, chosen, moment):
            way = (
                f"잘못 올렸으면 gongyak withdraw {one.submission_id}로 거둡니다"
                if one.may_be_withdrawn
                else "공약대장의 공표값 시트에서 고칩니다"
            )
            shell.out.print(
                f"접수 {one.submission_id} {one.file_name}: {one.printed_in} {one.value_count}건."
                f" {way}."
            )
    if any(row.is_open for row in rows):
        raise typer.Exit(shell.BLOCKED)


def _number_text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value
