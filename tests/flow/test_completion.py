"""What Tab offers in each shell: commands, options and what the home's list of choices knows."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from etl import choices
from etl.cli import completion, main, offers
from etl.settings import settings
from tests.factories import GOVERNMENT, register_workbook
from tests.flow.shell import run
from tests.flow.test_imports import DATABASE, DOCUMENTS, HEAVIEST

KNOWN = {
    "governments": [[GOVERNMENT, "가람구"]],
    "quarters": [["2021Q4", "2021년 4분기"], ["2021Q3", "2021년 3분기"]],
    "rules": [["B-12", "B-12 · 부분의 합과 다른 합계"]],
    "departments": [["D01", "D01 · 가온과"]],
}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that nobody has opened, with a list of choices alone."""
    (tmp_path / "choices.json").write_text(json.dumps(KNOWN), encoding="utf-8")
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def offered(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """What bash is offered for the last of these words."""
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    return _answered(monkeypatch, "complete_bash").split()


def _answered(monkeypatch: pytest.MonkeyPatch, instruction: str) -> str:
    monkeypatch.setenv(offers.ASKED, instruction)
    monkeypatch.setattr(sys, "argv", ["gongyak"])
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("gongyak", "ret"), ["retract"]),
        (("gongyak", "status", ""), ["2021Q4", "2021Q3"]),
        (("gongyak", "status", "2021Q4", "--gov"), ["--government"]),
        (("gongyak", "verify", "2021Q4", "--government", ""), [GOVERNMENT]),
        (("gongyak", "check", "a.xlsx", "--quarter", "2021Q3"), ["2021Q3"]),
        (("gongyak", "waive", "B"), ["B-12"]),
        (("gongyak", "waive", "B-12", "--from", "20"), ["2021Q4", "2021Q3"]),
        (("gongyak", "rules", ""), ["B-12"]),
        (("gongyak", "diff", "2021Q4", "--department", "D"), ["D01"]),
        (("gongyak", "completion", ""), ["bash", "zsh", "fish"]),
        (("gongyak", "status", "1999"), []),
    ],
)
@pytest.mark.usefixtures("told")
def test_bash_is_offered_what_is_known(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: list[str]
) -> None:
    assert offered(monkeypatch, *words) == expected


@pytest.mark.usefixtures("told")
def test_zsh_and_fish_are_told_what_people_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "gongyak status 2021")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    assert '"2021Q4":"2021년 4분기"' in _answered(monkeypatch, "complete_zsh")
    assert _answered(monkeypatch, "complete_fish").splitlines()[0] == "2021Q4\t2021년 4분기"


@pytest.mark.slow
def test_tab_leaves_the_home_as_it_is_and_loads_no_database(told: Path) -> None:
    asked = {offers.ASKED: "complete_bash", "COMP_WORDS": "gongyak status ", "COMP_CWORD": "2"}
    code = "import sys; sys.argv = ['gongyak']; from etl.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["2021Q4", "2021Q3"]
    assert not (DATABASE | DOCUMENTS | HEAVIEST) & set(done.stderr.split())
    assert [path.name for path in told.iterdir()] == ["choices.json"]


@pytest.mark.parametrize("content", ["{", "{}", None])
def test_where_nothing_is_known_nothing_is_offered(
    told: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    (told / "choices.json").unlink()
    if content is not None:
        (told / "choices.json").write_text(content, encoding="utf-8")
    assert offered(monkeypatch, "gongyak", "status", "") == []


def test_settings_that_cannot_be_used_are_no_answer_to_tab(
    told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_BACKUP_DAYS", "x")
    settings.cache_clear()
    assert offered(monkeypatch, "gongyak", "status", "") == []


@pytest.mark.slow
def test_a_register_makes_its_codes_known(home: Path) -> None:
    assert run("register", str(register_workbook(home / "r.xlsx"))).code == 0
    assert [*choices.names("governments")] == [GOVERNMENT]
    assert "2021Q4" in choices.names("quarters")


@pytest.mark.parametrize("name", completion.SHELLS)
def test_the_script_of_each_shell_asks_gongyak(home: Path, name: str) -> None:
    said = run("completion", name, "--show")
    assert (said.code, said.err) == (0, "")
    assert f"{offers.ASKED}=complete_{name}" in said.out
    if name == "bash":
        subprocess.run(["bash", "-n"], input=said.out, text=True, check=True)


@pytest.mark.parametrize("name", completion.SHELLS)
def test_completion_is_set_up_in_a_shell(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    own = tmp_path / "own"
    monkeypatch.setenv("HOME", str(own))
    said = run("completion", name)
    assert (said.code, said.err) == (0, "")
    (script,) = (path for path in own.rglob("*gongyak*") if path.is_file())
    assert str(script) in said.out
    assert offers.ASKED in script.read_text(encoding="utf-8")


def test_a_shell_that_is_not_known_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "_present_shell", lambda: None)
    assert run("completion").err.startswith("지금 셸이 무엇인지 알 수 없습니다.")
    said = run("completion", "tcsh")
    assert (said.code, said.out) == (2, "")
    assert "bash|zsh|fish" in said.err
