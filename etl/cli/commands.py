"""Every command of the shell, gathered into its app."""

from typing import Annotated

import typer

from etl import __version__
from etl.cli import (  # noqa: F401 - each registers its commands
    changes,
    completion,
    evidence,
    files,
    house,
    offers,
    published,
    quarters,
    releases,
    shell,
    system,
    users,
    verification,
    waivers,
)
from etl.cli.korean import NoArgsIsHelpError, refusal
from etl.cli.offers import PROGRAM
from etl.cli.progress import hush
from etl.cli.shell import app as app
from etl.home import open_home, refuse_begun_restore

# They look at a home, whatever state it is in, or bring it in order.
_ANY_HOME = {"doctor", "down", "restore"}


def run() -> int:
    """Run what the arguments of this process ask for, and return the code that it ends with.

    Raises UsageError for what Typer refuses.
    """
    offers.begin()
    try:
        return app(prog_name=PROGRAM, standalone_mode=False) or shell.DONE
    except NoArgsIsHelpError:  # which has shown the help
        return shell.REFUSED
    except typer.TyperException as error:
        raise refusal(error) from error


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        print(f"gongyak {__version__}")
        raise typer.Exit


@app.callback()
def gongyak(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="이름과 판을 보여 줍니다"
        ),
    ] = False,
    quiet: shell.Quiet = False,
) -> None:
    """공약 분기 보고: 부서의 파일에서 칸까지 거슬러 갈 수 있는 이행률까지."""
    hush(quiet)
    if context.invoked_subcommand != "doctor":  # which changes nothing
        open_home()
    if context.invoked_subcommand not in _ANY_HOME:
        refuse_begun_restore()
