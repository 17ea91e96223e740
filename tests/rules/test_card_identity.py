"""Whose a card is and of which quarter: asked, a folder, the open window, its newest quarter.

D-01 and D-02 speak where nothing decides; each way needs a home of its own.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.check import Rule, rules
from etl.check.relations import checked_relations
from etl.pipeline import Asked
from etl.quarter import SEOUL
from etl.warehouse import transaction
from tests.card_documents import as_hwpx, card_file
from tests.card_factory import CardModel, card_blocks
from tests.conftest import Begin, fresh_home
from tests.factories import GOVERNMENT, register_workbook
from tests.rules.conftest import EARLIER
from tests.rules.mutants import mutants
from tests.rules.test_mutations import Expected, keeps, stage

OTHER = "3990001"
# The window of 2021Q4 is open from 2021-12-20 to 2022-01-17.
OPEN = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
CLOSED = datetime(2022, 2, 5, 10, 0, tzinfo=SEOUL)
PLEDGES = ({"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "총사업비": 1140},)
UNDATED: dict[str, Any] = {"achievements": ()}
THIRD: dict[str, Any] = {"achievements": (("【21년 3분기】", ("- '21. 7. 5. : 터 정함",)),)}


def register(folder: Path, *governments: str) -> None:
    for code in governments:
        path = register_workbook(
            folder / f"{code}.xlsx", pledges=PLEDGES,
            government={"기관코드": code, "기관명": f"가상{code}구"},
        )  # fmt: skip
        assert pipeline.register(str(path), at=EARLIER).registers


def registered(home: Path) -> None:
    register(home, GOVERNMENT)


@pytest.fixture
def one(begin: Begin, tmp_path: Path) -> Path:
    begin(registered)
    return tmp_path


def decided(*names: str) -> tuple[Any, ...]:
    with transaction() as connection:
        found = connection.execute(
            text(f"SELECT {', '.join(names)} FROM audit.submission"
                 " WHERE form_code = 'pledge_card' ORDER BY submission_id DESC LIMIT 1")
        ).one()  # fmt: skip
    return tuple(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "asked", "content", "at", "quarter", "basis"),
    [
        ("2021Q2", "2021Q3", {}, OPEN, "2021Q3", "option"),
        ("2021Q2", None, {}, OPEN, "2021Q2", "folder"),
        ("앞선것", None, THIRD, OPEN, "2021Q4", "window"),
        ("앞선것", None, THIRD, CLOSED, "2021Q3", "content"),
        ("2021Q5", None, THIRD, CLOSED, "2021Q3", "content"),
    ],
)
def test_what_decides_the_quarter(
    one: Path, folder: str, asked: str | None, content: dict[str, Any], at: datetime,
    quarter: str, basis: str,
) -> None:  # fmt: skip
    path = card_file(one / folder / "card.hwpx", **content)
    facts = pipeline.collect([str(path)], at=at, asked=Asked(None, asked))
    assert decided("quarter_id", "quarter_basis", "government_id", "department_code") == (
        quarter, basis, GOVERNMENT, "D01",
    )  # fmt: skip
    assert facts.accepted == 1
    told = {f.rule_id for f in pipeline.findings_of(facts.submission_ids)}
    # The card's newest quarter is 2021Q4, or the third one.
    assert ("D-03" in told) == (quarter != ("2021Q3" if content else "2021Q4"))


@pytest.mark.slow
def test_a_folder_names_the_government_where_there_are_several(
    home: Path, tmp_path: Path
) -> None:  # fmt: skip
    register(tmp_path, GOVERNMENT, OTHER)
    path = card_file(tmp_path / OTHER / "2021Q4" / "card.hwpx")
    assert pipeline.collect([str(path)], at=CLOSED).accepted == 1
    assert decided("government_id", "quarter_id") == (OTHER, "2021Q4")


def _worlds() -> Iterator[tuple[str, tuple[str, ...], dict[str, Any], set[str]]]:
    yield "nothing says when", (GOVERNMENT,), UNDATED, {"D-01"}
    yield "the card says when", (GOVERNMENT,), THIRD, set()
    yield "nothing says whose", (GOVERNMENT, OTHER), THIRD, {"D-02"}
    yield "nothing says anything", (GOVERNMENT, OTHER), UNDATED, {"D-01"}


@pytest.mark.slow
@pytest.mark.parametrize("rule_id", ["D-01", "D-02"])
def test_what_nobody_decides_is_refused_once(rule_id: str, server: Path, tmp_path: Path) -> None:
    """Every mutant of the rule is noticed in some world; two cards in one file are told once."""
    rule = next(rule for rule in rules() if rule.id == rule_id)
    alive = {str(mutant): mutant.rule for mutant in mutants(rule)}
    for number, (name, governments, content, fires) in enumerate(_worlds()):
        with fresh_home(server, tmp_path / f"home{number}"):
            register(tmp_path, *governments)
            path = two_cards(tmp_path / f"{number}.hwpx", **content)
            batch_id, ids = stage([(str(path), CLOSED)], "check")
            expected = [Expected(ids[path.name], rule_id in fires, "표1 1행1열")]
            with checked_relations(batch_id, ["pledge_card"]):
                assert keeps(rule, expected), name
                alive = {told: broken for told, broken in alive.items() if _keeps(broken, expected)}
    assert list(alive) == []


def two_cards(path: Path, **content: Any) -> Path:
    models = [CardModel(pledge_id=number, **content) for number in ("나눔-3", "나눔-4")]
    path.write_bytes(as_hwpx(card_blocks(*models)))
    return path


def _keeps(rule: Rule, expected: list[Expected]) -> bool:
    try:
        return keeps(rule, expected)
    except Exception:  # no SQL any more
        return False
