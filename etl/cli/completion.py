"""`gongyak completion`: has a shell complete commands, governments, quarters and rules by Tab."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from etl.cli import shell
from etl.cli.offers import ASKED, PROGRAM
from etl.problems import UsageError

SHELLS = ("bash", "zsh", "fish")
ShellName = Annotated[
    str | None,
    typer.Argument(
        metavar="SHELL",
        help=f"{', '.join(SHELLS)}(없으면 지금 셸)",
        autocompletion=lambda: [*SHELLS],
    ),
]


@shell.command()
def completion(
    name: ShellName = None,
    show: Annotated[
        bool, typer.Option("--show", help="놓지 않고, 놓을 스크립트를 보여 줍니다")
    ] = False,
) -> None:
    """Tab으로 명령과 기관, 분기, 규칙을 완성하도록 셸에 놓습니다."""
    from typer._completion_shared import get_completion_script, install

    chosen = name or _present_shell()
    if chosen not in SHELLS:
        raise UsageError.refused(
            f"셸 {chosen}은(는) 모릅니다." if chosen else "지금 셸이 무엇인지 알 수 없습니다.",
            f"gongyak completion {'|'.join(SHELLS)} 가운데 하나로 다시 실행하십시오.",
        )
    if show:
        print(get_completion_script(prog_name=PROGRAM, complete_var=ASKED, shell=chosen))
        return
    _, path = install(shell=chosen, prog_name=PROGRAM, complete_var=ASKED)
    shell.out.print(f"{chosen}에 놓았습니다: {path}. 새 터미널부터 Tab으로 완성합니다.")


def _present_shell() -> str | None:
    import shellingham

    with suppress(shellingham.ShellDetectionFailure):
        name: str = shellingham.detect_shell()[0]
        return name
    return None
