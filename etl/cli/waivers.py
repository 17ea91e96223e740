"""`gongyak waive`: record a waiver, list them, end one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.offers import known
from etl.problems import UsageError

_STATES = {"in_force": "유효", "expired": "만료", "ended": "끝남"}


@shell.command()
def waive(
    rule: Annotated[
        str | None, typer.Argument(help="규칙 번호, 예: B-12", autocompletion=known("rules"))
    ] = None,
    department: Annotated[
        str | None,
        typer.Option(help="부서코드(없으면 모든 부서)", autocompletion=known("departments")),
    ] = None,
    pledge: Annotated[str | None, typer.Option(help="공약번호(없으면 모든 공약)")] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="시작분기, 예: 2021Q4", autocompletion=known("quarters")),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help="종료분기(없으면 만료일까지)", autocompletion=known("quarters")),
    ] = None,
    expires: Annotated[str | None, typer.Option(help="만료일, 예: 2022-12-31")] = None,
    by: Annotated[str | None, typer.Option("--by", help="결정한 사람의 직위나 이름")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="까닭")] = None,
    end: Annotated[
        int | None, typer.Option("--end", help="끝낼 예외의 번호", autocompletion=known("waivers"))
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="예외를 모두 보여 줍니다")] = False,
    government: shell.Government = None,
    as_json: shell.Json = False,
    at: shell.At = None,
) -> None:
    """규칙 하나를 한 부서·공약에 정한 분기 동안 적용하지 않기로 합니다."""
    shell.ready()
    if show:
        chosen = pipeline.only_government(government)
        _print_list(chosen, pipeline.waivers(chosen, shell.valid_moment(at)), as_json=as_json)
    elif end is not None:
        told = _required({"--by": by, "--reason": reason})
        pipeline.end_waiver(end, told["--by"], told["--reason"], shell.valid_moment(at))
        shell.out.print(
            f"점검예외 {end}을(를) 끝냈습니다. 이미 반영된 보고는 그대로이고,"
            " 다음에 받는 파일부터 다시 막습니다."
        )
    else:
        told = _required(
            {"규칙 번호": rule, "--from": first, "--expires": expires, "--by": by,
             "--reason": reason}
        )  # fmt: skip
        recorded = pipeline.waive(
            pipeline.Waiver(
                government_id=pipeline.only_government(government),
                rule_id=told["규칙 번호"],
                department_code=department,
                pledge_id=pledge,
                first_quarter_id=shell.valid_quarter(told["--from"]),
                last_quarter_id=shell.valid_quarter(last) if last else None,
                expires_on=_valid_day(told["--expires"]),
                approver=told["--by"],
                reason=told["--reason"],
            ),
            shell.valid_moment(at),
        )
        _print_recorded(recorded)


def _required(asked: dict[str, str | None]) -> dict[str, str]:
    missing = [name for name, value in asked.items() if not (value or "").strip()]
    if missing:
        raise UsageError.refused(
            f"{', '.join(missing)}이(가) 없습니다.", "더해서 다시 실행하십시오."
        )
    return {name: value or "" for name, value in asked.items()}


def _valid_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError.refused(
            f"만료일을 읽을 수 없습니다: {text!r}.", "2022-12-31처럼 쓰십시오."
        ) from error


def _span(waiver: pipeline.Waiver | pipeline.KnownWaiver) -> str:
    return f"{waiver.first_quarter_id} ~ {waiver.last_quarter_id or ''}".rstrip()


def _print_recorded(recorded: pipeline.RecordedWaiver) -> None:
    waiver = recorded.waiver
    done = "을(를) 적었습니다" if recorded.is_new else "은(는) 이미 있습니다"
    shell.out.print(
        f"점검예외 {recorded.waiver_id}{done}: 규칙 {waiver.rule_id},"
        f" 부서 {waiver.department_code or '모두'}, 공약 {waiver.pledge_id or '모두'},"
        f" {_span(waiver)}, {waiver.expires_on}까지 받는 파일."
    )
    if waiver.rule_id == pipeline.COVERAGE_RULE:
        shell.out.print("보고되지 않은 공약이 있어도 gongyak release로 발표할 수 있습니다.")
        return
    if waiver.rule_id in (pipeline.NAME_RULE, pipeline.NUMBER_RULE):
        shell.out.print("이 규칙에 걸린 글도 gongyak release로 발표할 수 있습니다.")
    shell.out.print(
        "이미 내린 판정은 바뀌지 않고, 다음에 받는 파일부터 듭니다. inbox에 막혀 있는 파일은"
        " gongyak collect가 스스로 다시 받습니다."
    )


def _print_list(government: str, found: list[pipeline.KnownWaiver], *, as_json: bool) -> None:
    if as_json:
        shell.print_json(found)
        return
    shell.print_table(
        f"점검예외 {len(found)}건 ({government})",
        ("번호", "상태", "규칙", "부서", "공약", "분기", "만료일", "넘긴 지적", "승인", "까닭",
         "적힌 곳"),
        [
            (w.waiver_id, _STATES[w.state], w.rule_id, w.department_code or "모두",
             w.pledge_id or "모두", _span(w), w.expires_on, w.finding_count, w.approver,
             w.reason, "공약대장" if w.is_from_register else "gongyak waive")
            for w in found
        ],
    )  # fmt: skip
