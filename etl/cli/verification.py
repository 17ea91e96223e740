"""`gongyak verify`: a release derived again from the archive, and what differs."""

from __future__ import annotations

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.progress import progress
from etl.quarter import SEOUL

_SHOWN = 100
_VERSIONS = {"rule_version": "규칙", "form_version": "서식", "code_version": "코드"}


@shell.command(
    ends={
        shell.BLOCKED: "다르거나 보관된 파일이 없음",
        shell.PARTLY: "지운 원본이 있어 창고의 칸과만 견주었고, 같음",
    }
)
def verify(
    quarter: shell.QuarterText,
    revision: shell.Revision = None,
    government: shell.Government = None,
    as_json: shell.Json = False,
) -> None:
    """발표한 지표를 보관된 파일과 일지에서 다시 내어 견줍니다."""
    shell.ready()
    asked = shell.chosen_quarter(quarter, government)
    with progress("검증"):
        found = pipeline.verify(*asked, revision)
    if as_json:
        shell.print_json(found)
    else:
        _tell(found)
    if found.refused or found.differences:
        raise typer.Exit(shell.BLOCKED)
    if found.erased:
        raise typer.Exit(shell.PARTLY)


def _tell(found: pipeline.Verified) -> None:
    moment = f"{found.as_of.astimezone(SEOUL):%Y-%m-%d %H:%M:%S}"
    title = f"{found.quarter} {found.revision}차 발표 ({found.government}, 기준 {moment})"
    for other in found.versions:
        judged = "발표할 때" if other.of == "release" else f"점검 {other.count}번에서"
        shell.out.print(
            f"다른 판: {judged} {_VERSIONS[other.version]} {other.recorded}, 지금 {other.present}"
        )
    if retraction := found.retraction:
        shell.out.print(
            f"철회한 발표입니다({retraction.retracted_at.astimezone(SEOUL):%Y-%m-%d %H:%M},"
            f" {retraction.retracted_by}): {retraction.reason}",
            markup=False,
        )
    for line in pipeline.told_erased(found.erased):
        shell.out.print(line, markup=False)
    if found.refused:
        shell.out.print(f"{title}을(를) 다시 내지 못했습니다. 아무것도 바뀌지 않았습니다.")
        for line in found.refused:
            shell.out.print(f"- {line}")
        shell.out.print("백업에서 보관소(archive)를 되살린 뒤 다시 실행하십시오.")
        return
    derived = f"지표 {found.figures}개와 근거 {found.cells}칸"
    differences = found.differences
    if found.erased and not differences:
        shell.out.print(
            f"{title}: 일부만 확인했습니다. 원본 {len(found.erased)}개를 지워 보관된 파일에서 다시"
            f" 내지 못합니다. 창고의 칸에서 다시 낸 {derived}은(는) 모두 같습니다."
        )
        return
    if not differences:
        same = f"다시 낸 {derived}이(가) 모두 같습니다."
        shell.out.print(f"{title}: 보관된 파일 {found.files}개에서 {same}")
        return
    capped = f" (처음 {_SHOWN}건, 모두는 --json)" if len(differences) > _SHOWN else ""
    shell.print_table(
        f"{title}: 다른 것 {len(differences)}건{capped}",
        ("코드", "범위", "항목", "발표", "다시 낸 값"),
        [
            (d.figure_code, shell.joined(d.scope_type, d.scope_id, by=":"), d.item, d.released,
             d.derived)
            for d in differences[:_SHOWN]
        ],
    )  # fmt: skip
