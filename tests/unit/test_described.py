"""YAML as typed records: what is mistyped stops at load, with its file, line and the likely key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from etl.check import catalogue
from etl.described import Described, read_described
from etl.form import CARD, FORMS, CardForm, Form
from etl.problems import SystemFault

RULES = Path(__file__).parents[2] / "expectations"
SUITE = catalogue._Suite
SHAPES: list[tuple[Path, type[Described]]] = [
    *((path, SUITE) for path in sorted(RULES.iterdir())),
    *(
        (path, CardForm if path.parent.name == CARD else Form)
        for path in sorted(FORMS.glob("*/*.yml"))
    ),
]
RETURN, REGISTER, A_CARD = (
    FORMS / f"{code}/2026-1.yml" for code in ("quarterly_return", "register", CARD)
)


def _edited(path: Path, folder: Path, edit: Callable[[str], str]) -> Path:
    text = path.read_text(encoding="utf-8")
    changed = edit(text)
    assert changed != text
    written = folder / path.name
    written.write_text(changed, encoding="utf-8")
    return written


def _line_of(path: Path, piece: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if piece in line)


@pytest.mark.parametrize(("path", "shape"), SHAPES, ids=lambda value: getattr(value, "stem", ""))
def test_what_ships_is_described_rightly(path: Path, shape: type[Described]) -> None:
    assert read_described(path, shape)


@pytest.mark.parametrize(
    ("source", "shape", "right", "mistyped", "likely"),
    [
        (RULES / "progress.yml", SUITE, "    message: ", "    mesage: ", "message"),
        (RULES / "budget.yml", SUITE, "category: ", "categori: ", "category"),
        (RETURN, Form, "list: status", "lst: status", "list"),
        (REGISTER, Form, "    required: true", "    requird: true", "required"),
        (A_CARD, CardForm, "grand_totals:", "grand_total:", "grand_totals"),
    ],
    ids=["rule", "suite", "field", "table", "card"],
)
def test_a_mistyped_key_is_told_with_its_line_and_the_likely_key(
    tmp_path: Path, source: Path, shape: type[Described], right: str, mistyped: str, likely: str
) -> None:
    path = _edited(source, tmp_path, lambda text: text.replace(right, mistyped, 1))
    line = _line_of(path, mistyped)
    key = mistyped.strip().partition(":")[0]
    with pytest.raises(SystemFault) as told:
        read_described(path, shape)
    assert str(told.value) == (
        f"{tmp_path.name}/{path.name} {line}행: `{key}`라는 항목은 없습니다. 아무것도 바뀌지 않았습니다."
        f" `{likely}` 항목으로 고치고 다시 실행하십시오."
    )


def test_a_key_like_no_other_is_to_be_removed(tmp_path: Path) -> None:
    path = _edited(RULES / "card.yml", tmp_path, lambda text: text + "zzqx: 1\n")
    with pytest.raises(SystemFault, match=r"`zzqx`라는 항목은 없습니다.*지우고 다시 실행"):
        read_described(path, SUITE)


def test_a_key_that_stands_twice_is_told_where_the_second_stands(tmp_path: Path) -> None:
    path = _edited(
        RULES / "card.yml",
        tmp_path,
        lambda text: text.replace("rules:", 'since: "2099-01"\nrules:'),
    )
    with pytest.raises(SystemFault) as told:
        read_described(path, SUITE)
    line = _line_of(path, "2099-01")
    assert str(told.value).startswith(
        f"{tmp_path.name}/card.yml {line}행: `since`가 두 번 적혀 있습니다."
    )


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("level: block_pledge", "level: block_pledges", "`level`"),
        ("table: progress", "table: progres", "모르는 table: progres"),
        ("    where: ", "    problems: [blank]\n    where: ", "하나만 적습니다"),
        ("    basis: ", "    # basis: ", "`basis` 항목이 빠졌습니다"),
        ("rules:", "rules: [", "YAML로 읽지 못했습니다"),
    ],
    ids=["level", "table", "two ways", "missing", "no YAML"],
)
def test_a_wrong_value_is_told(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    path = _edited(RULES / "progress.yml", tmp_path, lambda text: text.replace(right, wrong, 1))
    with pytest.raises(SystemFault) as told:
        read_described(path, SUITE)
    assert said in str(told.value)
    assert str(told.value).startswith(f"{tmp_path.name}/progress.yml ")
