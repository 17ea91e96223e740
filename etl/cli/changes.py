"""`gongyak diff` and `gongyak rules`: what a resubmission changed, and what is checked at all."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.offers import known
from etl.problems import UsageError


@shell.command()
def diff(
    quarter: shell.QuarterText,
    department: Annotated[
        str | None,
        typer.Option(help="그 부서가 낸 것만(부서코드)", autocompletion=known("departments")),
    ] = None,
    pledge: Annotated[str | None, typer.Option(help="그 공약만(공약번호)")] = None,
    submission: Annotated[
        int | None,
        typer.Option(help="그 접수가 바꾼 것만(접수번호)", autocompletion=known("submissions")),
    ] = None,
    government: shell.Government = None,
    as_json: shell.Json = False,
) -> None:
    """다시 낸 보고가 앞선 판에서 바꾼 값을 칸마다 보여 줍니다."""
    shell.ready()
    quarter_id, chosen = shell.chosen_quarter(quarter, government)
    pipeline.require_department(department, chosen)
    changes = pipeline.diff(quarter_id, chosen, department, pledge, submission)
    if as_json:
        shell.print_json(changes)
        return
    if not changes:
        shell.out.print("앞선 판에서 바뀐 값이 없습니다.")
        return
    shell.print_table(
        f"{quarter_id} 다시 낸 보고에서 바뀐 값 {len(changes)}건 ({chosen})",
        ("공약", "판", "항목", "세부사업 · 재원 · 연도", "앞선 값", "바뀐 값", "파일", "자리",
         "정정사유"),
        [
            (c.pledge_id, c.version, c.item_name, c.place,
             c.before_shown or "(없음)", c.after_shown or "(없음)",
             f"{c.file_name} (접수 {c.submission_id})",
             shell.joined(c.sheet_name, c.cell), c.correction_reason)
            for c in changes
        ],
    )  # fmt: skip


@shell.command()
def rules(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="RULE", help="규칙 번호", autocompletion=known("rules"))
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="모든 규칙을 HTML 한 쪽으로")] = False,
) -> None:
    """점검 규칙을 보여 줍니다."""
    if html:
        sys.stdout.write(pipeline.rules_page())
        return
    asked = [rule for rule in pipeline.rules() if rule_id in (None, rule.id)]
    if not asked:
        raise UsageError.refused(
            f"규칙 {rule_id}을(를) 모릅니다.", "gongyak rules로 번호를 확인하십시오."
        )
    shell.print_table(
        f"점검 규칙 {len(asked)}개",
        ("규칙", "구분", "제목", "글"),
        [
            (rule.id, pipeline.LEVELS[rule.level], rule.title, rule.shown_message)
            for rule in asked
        ],
    )  # fmt: skip
