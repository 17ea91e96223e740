"""Typer in Korean: the words of its help, and what it refuses, told as our own errors are.

Typer's own click has no translations for what it refuses. Those of its help go by the language of
the environment, which would reach PostgreSQL and Airflow as well; so its words are set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import typer
from pydantic import ValidationError
from typer import core
from typer._click import Context, HelpFormatter
from typer._click.core import Command as ClickCommand
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoArgsIsHelpError as NoArgsIsHelpError,
    NoSuchOption,
    UsageError as ClickUsageError,
)

from etl.cli.course import PART_OF, in_course
from etl.problems import UsageError

OPTIONS = "[옵션]"
SUBCOMMAND = "명령 [인자]..."
_WORDS = {
    "Arguments": "인자",
    "Options": "옵션",
    "required": "필수",
    "default: {default}": "기본: {default}",
    "Missing command.": "명령이 없습니다.",
}
_WORDS_IN_FRAMES = {
    "ARGUMENTS_PANEL_TITLE": "인자",
    "OPTIONS_PANEL_TITLE": "옵션",
    "COMMANDS_PANEL_TITLE": "명령",
    "REQUIRED_LONG_STRING": "[필수]",
    "DEFAULT_STRING": "[기본: {}]",
}
_KINDS = {int: "정수", float: "수"}

vars(core)["_"] = lambda word: _WORDS.get(word, word)


class _Korean(ClickCommand):
    """What a command and a group of them have in common."""

    def get_help_option(self, ctx: Context) -> core.TyperOption | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "이 도움말을 보여 줍니다"
        return option

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)
        formatter.write_usage(ctx.command_path, " ".join(pieces), "사용법: ")

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        from typer import rich_utils

        vars(rich_utils).update(_WORDS_IN_FRAMES)
        super().format_help(ctx, formatter)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except ClickUsageError as error:
            error.ctx = error.ctx or ctx  # so that it can be told which command refuses
            raise


class Command(_Korean, core.TyperCommand):
    """A command that tells in Korean what it cannot take."""

    allow_extra_args = True  # so that what is too much comes back from the parser

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        extra = super().parse_args(ctx, args)
        if extra and not ctx.resilient_parsing:
            raise _refused(ctx, f"더 받지 않는 말이 있습니다: {' '.join(extra)}.")
        return extra


class Group(_Korean, core.TyperGroup):
    """Commands in the order of the work; a mistyped one is told with the nearest."""

    def list_commands(self, ctx: Context) -> list[str]:
        return in_course(super().list_commands(ctx))

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, ClickCommand | None, list[str]]:
        name = args[0]
        if name in self.commands or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = get_close_matches(name, self.commands)
        raise _refused(ctx, f"{name}(이)라는 명령은 없습니다.", near)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        parts: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            told = self.commands[name].get_short_help_str(formatter.width)
            parts.setdefault(PART_OF.get(name, "명령"), []).append((name, told))
        for part, rows in parts.items():
            with formatter.section(part):
                formatter.write_dl(rows)


def refusal(error: typer.TyperException) -> UsageError:
    """Return what Typer refused as an error of ours: what is wrong, and what to do next."""
    context: Context | None = getattr(error, "ctx", None)
    match error:
        case MissingParameter(param=core.TyperArgument() as argument):
            happened = f"인자 {_named(argument)}이(가) 없습니다."
        case MissingParameter(param=core.TyperOption() as option):
            happened = f"옵션 {_named(option)}이(가) 없습니다."
        case NoSuchOption(option_name=name, possibilities=near):
            return _refused(context, f"{name}(이)라는 옵션은 없습니다.", near or ())
        case BadOptionUsage(option_name=name) if _takes_value(context, name):
            happened = f"옵션 {name} 뒤에 값이 없습니다."
        case BadOptionUsage(option_name=name):
            happened = f"옵션 {name} 뒤에는 값을 쓰지 않습니다."
        case BadParameter(
            param=core.TyperArgument() | core.TyperOption() as parameter,
            __cause__=ValidationError() as cause,
        ):
            kind = _KINDS.get(parameter.type_descriptor.annotation, "알맞은 값")
            value = cause.errors()[0]["input"]
            happened = f"{_named(parameter)}에 쓴 {value!r}은(는) {kind}이(가) 아닙니다."
        case _:
            happened = error.message
    return _refused(context, happened)


def _refused(context: Context | None, happened: str, near: Sequence[str] = ()) -> UsageError:
    path = context.command_path if context else "gongyak"
    told = f"{' 또는 '.join(near)}을(를) 쓰려던 것인지 보고, " if near else ""
    return UsageError.refused(happened, f"{told}{path} --help로 쓰는 법을 확인하십시오.")


def _named(parameter: core.TyperArgument | core.TyperOption) -> str:
    is_option = isinstance(parameter, core.TyperOption)
    name = parameter.opts[-1] if is_option else parameter.display_name_raw
    return f"{name}({parameter.help})" if parameter.help else name


def _takes_value(context: Context | None, name: str) -> bool:
    parameters = context.command.params if context else []
    return not any(
        isinstance(one, core.TyperOption) and one.is_flag and name in one.opts for one in parameters
    )
