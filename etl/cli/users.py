"""Users of the web pages: who they are, what their role allows, and whose department is theirs."""

from __future__ import annotations

import re
import secrets
import sys
from collections import defaultdict
from typing import Annotated

import typer

from etl import pipeline
from etl.cli import shell
from etl.cli.course import PART_OF
from etl.cli.korean import OPTIONS, SUBCOMMAND, Group
from etl.cli.offers import known
from etl.desk import accounts
from etl.desk.rights import OFFICER, ROLES
from etl.problems import UsageError

app = typer.Typer(
    cls=Group,
    help="웹 화면의 사용자를 만들고, 지우고, 보여 줍니다.",
    no_args_is_help=True,
    options_metavar=OPTIONS,
    subcommand_metavar=SUBCOMMAND,
)
shell.app.add_typer(app, name="user", rich_help_panel=PART_OF["user"])

Name = Annotated[str, typer.Argument(metavar="NAME", help="로그인할 이름(실명이 아니어도 됩니다)")]
_NAME = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]{0,59}")
_SHORTEST_PASSWORD = 8


@shell.command(of=app)
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option("--role", help=f"역할: {', '.join(ROLES)}", autocompletion=lambda: [*ROLES]),
    ],
    mail: Annotated[
        str | None,
        typer.Option("--mail", help="메일. 공약대장의 부서 메일과 같으면 그 부서를 맡음"),
    ] = None,
    department: Annotated[
        list[str] | None,
        typer.Option(
            "--department",
            help="맡은 부서코드(여러 번 쓸 수 있음)",
            autocompletion=known("departments"),
        ),
    ] = None,
    government: shell.Government = None,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="암호를 표준입력의 첫 줄에서 읽습니다")
    ] = False,
) -> None:
    """사용자를 만들고, 암호가 적힌 파일을 알려 줍니다."""
    shell.ready()
    _require_sound(name, role, mail, department)
    owned = _known_departments(department or [], government)
    password = _read_password() if from_stdin else secrets.token_urlsafe(12)
    accounts.add_account(shell.environment_in_use(), name, role, mail, password)
    kept = (
        "표준입력에서 읽었습니다"
        if from_stdin
        else f"{accounts.keep_password(name, password)}에 있습니다"
    )
    for one in owned:
        pipeline.assign(name, *one)
    shell.out.print(f"사용자 {name}({role})을(를) 만들었습니다. 암호는 {kept}.")
    _tell_departments(name, role, mail)


def _require_sound(name: str, role: str, mail: str | None, department: list[str] | None) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError.refused(
            f"이름 {name!r}은(는) 쓸 수 없습니다.", "한글, 영문자, 숫자와 . _ - 로 쓰십시오."
        )
    if role not in ROLES:
        raise UsageError.refused(
            f"역할 {role}을(를) 모릅니다.", f"{', '.join(ROLES)} 가운데 하나를 주십시오."
        )
    if role == OFFICER and not (mail or department):
        raise UsageError.refused(
            "부서담당이 맡을 부서를 알 수 없습니다.",
            "--mail에 공약대장의 부서 메일을 적거나 --department에 부서코드를 적으십시오.",
        )
    if department and role != OFFICER:
        raise UsageError.refused(
            f"역할 {role}은(는) 모든 부서를 봅니다.", "--department 없이 다시 실행하십시오."
        )


def _known_departments(codes: list[str], government: str | None) -> list[tuple[str, str]]:
    if not codes:
        return []
    chosen = pipeline.only_government(government)
    for code in codes:
        pipeline.require_department(code, chosen)
    return [(chosen, code) for code in codes]


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < _SHORTEST_PASSWORD:
        raise UsageError.refused(
            f"암호가 {_SHORTEST_PASSWORD}자보다 짧습니다.", "더 긴 암호를 표준입력에 주십시오."
        )
    return password


def _tell_departments(name: str, role: str, mail: str | None) -> None:
    if role != OFFICER:
        return
    owned = sorted(pipeline.departments_of_user(name, mail))
    told = ", ".join(f"{one[0]} {one[1]} {pipeline.department_name(*one)}" for one in owned)
    shell.out.print(
        f"맡은 부서: {told}"
        if told
        else "공약대장에 이 메일을 쓰는 부서가 없습니다. 대장의 부서 시트에 메일을 적어 올리십시오."
    )


@shell.command(of=app)
def remove(name: Name) -> None:
    """사용자를 지웁니다. 그 사용자가 낸 파일은 그대로입니다."""
    shell.ready()
    if name == accounts.ADMIN:
        raise UsageError.refused(
            f"{name}은(는) gongyak up이 쓰는 사용자라 지울 수 없습니다.",
            "다른 사용자를 고르십시오.",
        )
    accounts.remove_account(shell.environment_in_use(), name)
    pipeline.unassign(name)
    accounts.password_path(name).unlink(missing_ok=True)
    shell.out.print(f"사용자 {name}을(를) 지웠습니다.")


@shell.command("list", of=app)
def list_() -> None:
    """사용자와 역할, 맡은 부서를 보여 줍니다."""
    shell.ready()
    assigned = defaultdict(list)
    for one in pipeline.assignments():
        assigned[one.user_name].append(one.department_name or one.department_code)
    shell.print_table(
        "웹 화면의 사용자",
        ("이름", "역할", "메일", "맡긴 부서"),
        [
            (one.name, ", ".join(one.roles), one.mail, ", ".join(assigned[one.name]))
            for one in accounts.accounts(shell.environment_in_use())
        ],
    )
