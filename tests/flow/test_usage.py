"""What the shell says before a command begins: help in the order of the work, refusals, ends."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from etl.cli import shell
from etl.cli.commands import app
from etl.cli.course import COURSE, PART_OF
from tests import command_page
from tests.flow.shell import run

HELP = re.compile(r"gongyak( \w+)? --help로 쓰는 법을 확인하십시오\.")
REFUSALS = {
    "verfy": "verfy라는 명령은 없습니다. 아무것도 바뀌지 않았습니다. verify를 쓰려던 것인지 보고,",
    "user ad": "ad라는 명령은 없습니다. 아무것도 바뀌지 않았습니다. add를 쓰려던 것인지 보고,",
    "공약": "공약이라는 명령은 없습니다. 아무것도 바뀌지 않았습니다. gongyak --help로",
    "--quiet": "명령이 없습니다.",
    "verify": "인자 QUARTER(분기(2021Q4), 또는",
    "withdraw 3": "옵션 --by(결정한 사람의 직위나 이름)가 없습니다.",
    "status --goverment 3": "--goverment라는 옵션은 없습니다. 아무것도 바뀌지 않았습니다. --government를",
    "status 2021Q4 --government": "옵션 --government 뒤에 값이 없습니다.",
    "status 2021Q4 --json=1": "옵션 --json 뒤에는 값을 쓰지 않습니다.",
    "status 2021Q4 2021Q3": "더 받지 않는 말이 있습니다: 2021Q3.",
    "verify 2021Q4 --revision 둘": "--revision(몇 차 발표(기본: 마지막))에 쓴 '둘'은 정수가 아닙니다.",
}


@pytest.mark.slow
@pytest.mark.parametrize("arguments", REFUSALS)
def test_what_is_not_understood_ends_in_one_korean_line(home: Path, arguments: str) -> None:
    said = run(*arguments.split())
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert said.err.startswith(REFUSALS[arguments])
    assert "아무것도 바뀌지 않았습니다." in said.err
    assert HELP.search(said.err)
    assert not re.search(r"[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}", said.err)  # no words of the library


def test_help_is_in_the_order_of_the_work() -> None:
    said = CliRunner().invoke(app, ["--help"]).output
    titles = re.findall(r"─ (.+?) ─", said)
    assert titles == ["옵션", *COURSE]
    names = re.findall(r"^│ ([a-z]+) ", said, re.MULTILINE)
    assert names == [*PART_OF]
    assert sorted(names) == command_page.names()


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PART_OF, "user add"])
def test_the_words_of_a_help_are_korean(name: str) -> None:
    said = CliRunner().invoke(app, [*name.split(), "--help"]).output
    assert not re.search("Usage|Options|Arguments|Commands|required|Show this|OPTIONS|ARGS", said)
    if name != "user":
        assert "끝 코드: 0 다 함" in " ".join(said.split())


def test_without_a_word_the_help_is_shown() -> None:
    said = run()
    assert said.code == shell.REFUSED
    assert "사용법: gongyak [옵션] 명령 [인자]..." in said.out
    assert said.err == ""


CODES = {name: getattr(shell, name) for name in ("DONE", "BLOCKED", "REFUSED", "PARTLY")}


def _named(node: ast.AST) -> Iterator[int]:
    """Yield the codes that stand in an expression as `shell.BLOCKED`; nothing else may be one."""
    names = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)} & CODES.keys()
    assert names, ast.unparse(node)
    assert not re.search(r"\d", ast.unparse(node)), ast.unparse(node)
    yield from (CODES[name] for name in sorted(names))


def _ended(function: ast.FunctionDef, known: dict[str, ast.FunctionDef]) -> set[int]:
    """Return the codes with which a function of a module ends the command, or one that it calls."""
    found: set[int] = set()
    for node in ast.walk(ast.Module(function.body, [])):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func) == "typer.Exit":
            found |= {code for argument in node.args for code in _named(argument)}
        if isinstance(node.func, ast.Name) and node.func.id in known:
            found |= _ended(known[node.func.id], known)
    return found


def _declared(function: ast.FunctionDef) -> set[int] | None:
    """Return the codes that a command names for its help; none where it is no command."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "shell.command":
            (ends,) = [one.value for one in decorator.keywords if one.arg == "ends"] or [None]
            return {code for key in getattr(ends, "keys", []) for code in _named(key)}
    return None


def _modules() -> list[ModuleType]:
    modules = {inspect.getmodule(inspect.unwrap(one.callback)) for one in app.registered_commands}  # type: ignore[arg-type]
    return sorted((one for one in modules if one), key=lambda one: one.__name__)


@pytest.mark.parametrize("module", _modules(), ids=lambda module: module.__name__)
def test_a_command_ends_with_what_its_help_says(module: ModuleType) -> None:
    body = ast.parse(inspect.getsource(module)).body
    known = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    always = {shell.DONE, shell.REFUSED}
    declared = {name: _declared(node) for name, node in known.items()}
    assert any(ends is not None for ends in declared.values())
    for name, ends in declared.items():
        if ends is not None:
            assert ends - always == _ended(known[name], known) - always, name
