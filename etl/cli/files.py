"""Files in: the register, checks, submissions, and what is taken back or looked at again."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.offers import known, renew
from etl.cli.progress import progress
from etl.problems import UsageError
from etl.quarter import SEOUL

CardQuarter = Annotated[
    str | None,
    typer.Option(
        "--quarter",
        help="공약관리카드의 분기(없으면 폴더, 제출 기간, 내용)",
        autocompletion=known("quarters"),
    ),
]
CardGovernment = Annotated[
    str | None,
    typer.Option(
        "--government",
        help="공약관리카드의 기관코드(기관이 여럿일 때)",
        autocompletion=known("governments"),
    ),
]

_FAULTY = "실행하지 못했거나, 나머지를 다 하고 프로그램의 잘못으로 따로 둔 파일이 있음"
_UNCHECKED = "실행하지 못했거나, 나머지를 다 하고 점검하지 못한 파일이 있음"


@shell.command(ends={shell.BLOCKED: "불러온 것이 없음(회신을 봄)", shell.REFUSED: _FAULTY})
def register(
    file: Annotated[str | None, typer.Argument(help="공약대장 통합문서")] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="빈 공약대장을 이 이름으로 씁니다")
    ] = None,
    example: Annotated[
        Path | None,
        typer.Option("--example", help="지어낸 것을 채운 공약대장을 이 이름으로 씁니다"),
    ] = None,
    at: shell.At = None,
) -> None:
    """공약대장을 불러오고 무엇이 바뀌었는지 보여 줍니다."""
    if sum(one is not None for one in (file, template, example)) != 1:
        raise UsageError.refused(
            "공약대장 파일, --template, --example 가운데 하나만 있어야 합니다.",
            "처음이면 gongyak register --template 공약대장.xlsx로 빈 대장을 만드십시오.",
        )
    if file is not None:
        _load_register(file, at)
    elif template is not None:
        _write_register({}, template)
        shell.out.print(f"빈 공약대장: {template}")
        shell.out.print(f"안내 시트를 보고 적은 뒤 gongyak register {template}(으)로 올리십시오.")
    elif example is not None:
        from etl.demo.play import garam

        _write_register(garam().register, example)
        shell.out.print(f"지어낸 보기 공약대장: {example}")


def _write_register(rows: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Write a register that nobody has yet; never over a file that holds anything else."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            f"{path}은(는) .xlsx로 끝나지 않습니다.",
            "쓴 것은 없습니다.",
            "공약대장.xlsx처럼 쓰십시오.",
        )
    from etl.office.styles import save
    from etl.register.book import build_register

    with TemporaryDirectory() as folder:
        made = save(build_register(rows), Path(folder) / "register.xlsx", _WRITTEN_AT)
        content = made.read_bytes()
    if path.exists():
        if path.is_file() and path.read_bytes() == content:
            return
        raise UsageError(
            f"{path}이(가) 이미 있습니다.",
            "그 파일은 그대로입니다.",
            "다른 이름으로 다시 쓰십시오.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# The same register has the same bytes, so a file that nobody has touched is known.
_WRITTEN_AT = datetime(2026, 1, 1, tzinfo=SEOUL)


def _load_register(file: str, at: str | None) -> None:
    shell.ready()
    at_moment = shell.valid_run_moment(at)
    with progress(*pipeline.STAGES):
        done = pipeline.register(file, at_moment)
    renew()
    print_registered(done, "공약대장")


def print_registered(done: pipeline.Registered, what: str) -> None:
    """Print the findings of a register, or a sheet of it, and what it changed; 1 for nothing."""
    shell.print_findings(done.findings)
    pipeline.raise_faults(done.faults)
    if done.batch is None:
        shell.out.print(f"이미 불러온 {what}과(와) 같은 파일입니다. 바뀐 것이 없습니다.")
        return
    for record in done.registers:
        is_changed = any((*record.opened.values(), *record.closed.values()))
        shell.print_table(
            f"{what} {record.government_id}" + ("" if is_changed else ": 바뀐 것 없음"),
            ("표", "새로 연 행", "닫은 행"),
            [(n, record.opened[n], record.closed[n]) for n in record.opened],
        )
        for remark in record.remarks:
            shell.out.print(remark)
    if not any(record.taken for record in done.registers):
        shell.out.print(f"불러온 것이 없습니다. 회신: {done.answers[0]}")
        raise typer.Exit(shell.BLOCKED)


@shell.command(ends={shell.BLOCKED: "고치거나 사유를 적을 것이 있음", shell.REFUSED: _UNCHECKED})
def check(
    files: shell.Files,
    quarter: CardQuarter = None,
    government: CardGovernment = None,
    as_json: shell.Json = False,
    at: shell.At = None,
) -> None:
    """접수하지 않고 점검만 합니다."""
    shell.ready()
    at_moment, asked = shell.valid_run_moment(at), pipeline.told_of_documents(quarter, government)
    with progress(*pipeline.STAGES):
        trial = pipeline.dry_run(files, at_moment, asked)
    if as_json:
        names = ("file", "rule_id", "level", "sheet", "cell", "related_cells", "pledge_id",
                 "seen", "expected", "message")  # fmt: skip
        shell.print_json([shell.entry(finding, *names) for finding in trial.findings])
    else:
        shell.print_findings(trial.findings)
        for path in trial.answers:
            shell.out.print(f"회신: {path}")
        shell.out.print(
            "고치거나 사유를 적어야 반영됩니다." if trial.blocks else "막는 것이 없습니다."
        )
    _end_unchecked(trial)
    raise typer.Exit(shell.BLOCKED if trial.blocks else shell.DONE)


def _end_unchecked(trial: pipeline.Trial) -> None:
    """End with 2 where a file could not be opened, or not be checked by a fault of ours."""
    for line in trial.not_taken:
        print(f"점검하지 못함: {line}", file=sys.stderr)
    if trial.faults:
        print(
            f"프로그램의 잘못으로 파일 {trial.faults}개를 점검하지 못했습니다. 아무것도 접수되지"
            " 않았습니다. 위의 기록을 개발자에게 알리십시오.",
            file=sys.stderr,
        )
    if trial.not_taken or trial.faults:
        raise typer.Exit(shell.REFUSED)


@shell.command(
    ends={shell.REFUSED: _FAULTY, shell.PARTLY: "볼 수 없는 접수함이 있어 나머지만 다 함"}
)
def collect(
    files: Annotated[list[str] | None, typer.Argument(help="파일(없으면 inbox의 새 파일)")] = None,
    quarter: CardQuarter = None,
    government: CardGovernment = None,
    at: shell.At = None,
) -> None:
    """보관하고, 읽고, 점검하고, 회신을 쓰고, 반영합니다."""
    shell.ready()
    at_moment, asked = shell.valid_run_moment(at), pipeline.told_of_documents(quarter, government)
    with progress(*pipeline.STAGES):
        done = pipeline.collect(files or None, at_moment, asked)
    renew()
    if done.batch is None:
        shell.out.print("새 파일이 없습니다. 바뀐 것이 없습니다.")
    else:
        shell.out.print(
            f"파일 {len(done.submission_ids)}개 | 반영 {done.accepted}공약,"
            f" 멈춤 {done.blocked} | 점검 결과 {done.findings}건"
        )
    for path in done.answers:
        shell.out.print(f"회신: {path}")
    for line in done.not_taken:
        shell.out.print(f"받지 않은 것: {line}")
    pipeline.raise_faults(done.faults)
    if done.is_partial:
        raise typer.Exit(shell.PARTLY)


@shell.command()
def withdraw(
    submission: Annotated[
        int, typer.Argument(help="접수번호", autocompletion=known("submissions"))
    ],
    by: shell.By,
    reason: shell.Reason,
    at: shell.At = None,
) -> None:
    """잘못 낸 접수를 거두고 앞선 보고를 되살립니다. 공표값 파일도 그렇게 거둡니다."""
    shell.ready()
    with progress("지표"):
        done = pipeline.withdraw(submission, by, reason, shell.valid_run_moment(at))
    if done.is_repeated:
        shell.out.print(f"접수 {submission}: 이미 같은 사유로 철회했습니다. 바뀐 것이 없습니다.")
        return
    if done.is_published:
        shell.out.print(
            f"접수 {submission} 철회: 공표값 {len(done.withdrawn)}개를 거두고"
            f" {len(done.reinstated)}개는 앞선 값을 되살렸습니다."
        )
        return
    shell.out.print(
        f"접수 {submission} 철회: 공약 {len(done.withdrawn)}개의 보고를 거두고"
        f" {len(done.reinstated)}개는 앞선 보고를 되살렸습니다."
    )


@shell.command()
def recheck(
    quarter: shell.QuarterText,
    record: Annotated[bool, typer.Option("--record", help="결과를 새 판정으로 남깁니다")] = False,
    government: shell.Government = None,
    as_json: shell.Json = False,
    at: shell.At = None,
) -> None:
    """보관된 파일을 지금의 규칙으로 다시 점검해 무엇이 달라지는지 보여 줍니다."""
    shell.ready()
    quarter_id, chosen = shell.chosen_quarter(quarter, government)
    with progress("읽기", "점검"):
        done = pipeline.recheck(quarter_id, chosen, record=record, at=shell.valid_moment(at))
    if as_json:
        shell.print_json(done)
        return
    shell.print_table(
        f"{quarter_id} 다시 점검 ({chosen}): 파일 {done.files}개,"
        f" 그 가운데 다른 판의 규칙으로 점검했던 것 {done.stale_files}개",
        ("규칙", "구분", "제목", "기록된 지적", "지금", "생김", "없어짐", "멈추게 될 공약"),
        [
            (r.rule_id, pipeline.LEVELS[r.level] + ("(시험)" if r.is_shadow else ""), r.title,
             r.recorded, r.found, r.appeared, r.gone, r.would_stop)
            for r in done.rules
        ],
    )  # fmt: skip
    shell.print_table(
        f"달라지는 지적 {len(done.differences)}건",
        ("", "규칙", "파일", "공약", "자리", "내용"),
        [
            (_CHANGES[d.change], d.rule_id, d.file, d.pledge_id, shell.joined(d.sheet, d.cell),
             d.message)
            for d in done.differences[:100]
        ],
    )  # fmt: skip
    if done.erased:
        shell.out.print(
            f"개인정보 보유기간이 지나 원본을 지운 파일 {done.erased}개는 다시 점검하지 못하며,"
            " 판정은 그대로입니다."
        )
    shell.out.print(
        "이 결과를 새 판정으로 남겼습니다. 반영된 보고는 그대로입니다."
        if record
        else "아무것도 바꾸지 않았습니다. 새 판정으로 남기려면 --record를 붙이십시오."
    )


_CHANGES = {"appeared": "생김", "gone": "없어짐"}
