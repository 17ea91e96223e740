"""The torture's own judges notice what they are there for."""

import dataclasses
import random
from collections import Counter
from decimal import Decimal

import pytest

from etl.pipeline.reading import read_submission
from tests.torture import known, oracle
from tests.torture.events import Event
from tests.torture.fuzz import Input, made
from tests.torture.kill import _tells
from tests.torture.samples import Sample, samples
from tests.torture.state import differences


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples()[0]


def test_a_row_a_file_or_an_order_that_differs_is_told() -> None:
    before = {"table a": Counter(["x", "y"]), "files": Counter(["f 1"]), "journal": ["1", "2"]}
    after = {"table a": Counter(["x"]), "files": Counter(["f 1", "f.part"]), "journal": ["2", "1"]}
    assert differences(before, before) == []
    assert differences(before, after) == [
        "files: + f.part",
        "journal: in another order",
        "table a: - y",
    ]


def test_what_tells_nothing_is_no_point() -> None:
    kinds = ("open", "write", "write", "write", "rename", "nothing", "commit")
    events = [Event(kind, "a" if kind in ("open", "write") else "") for kind in kinds]
    told = [place for place in range(len(events)) if _tells(events, place)]
    assert told == [0, 1, 3, 4, 6]


@pytest.mark.parametrize(
    ("text", "value", "is_fine"),
    [("12", 12_000_000, True), ("12", 12, False), ("3억", 300_000_000, True), ("육십", 60, False)],
)
def test_an_amount_that_a_text_cannot_mean_is_told(text: str, value: int, is_fine: bool) -> None:
    assert (Decimal(value) in known.meanings(text, known.UNIT)) == is_fine


@pytest.mark.slow
def test_a_value_made_up_or_lost_is_told(sample: Sample) -> None:
    """As if the reader had given what the whole file says for a cell that says something else."""
    staged = read_submission(sample.content, sample.name)
    assert known.judged(known.Typed("K", 3, "10", True), staged) is None
    assert "became" in (known.judged(known.Typed("K", 3, "77", True), staged) or "")
    assert "became" in (known.judged(known.Typed("C", 3, "폐기", False), staged) or "")
    assert "lost" in (known.judged(known.Typed("K", 7, "5", True), staged) or "")


def test_silent_damage_is_told(sample: Sample) -> None:
    one = Input(sample, "flipped", sample.name, sample.content, keeps=True)
    staged = read_submission(sample.content, sample.name)
    assert oracle.wrong(one, staged, oracle.outcome(sample, staged)) is None
    lines = staged.rows[known.BUDGET]
    staged.rows[known.BUDGET] = lines[1:]
    assert oracle.outcome(sample, staged) == "other"
    assert "without a word" in (oracle.wrong(one, staged, "other") or "")
    staged.rows[known.BUDGET] = [lines[0], lines[0]]
    assert "twice" in (oracle.wrong(one, staged, "other") or "")


def test_another_reader_is_asked_for_amounts(sample: Sample) -> None:
    one = Input(sample, "markup_changed", sample.name, sample.content)
    staged = read_submission(sample.content, sample.name)
    assert oracle.wrong(one, staged, "other") is None
    place = [*known._rows(staged, known.BUDGET)[0]].index("amount")
    first, *rest = staged.rows[known.BUDGET]
    staged.rows[known.BUDGET] = [(*first[:place], first[place] + 1, *first[place + 1 :]), *rest]
    assert "another reader sees" in (oracle.wrong(one, staged, "other") or "")


@pytest.mark.slow
def test_an_input_can_be_made_again() -> None:
    assert all(made(3, number).content == made(3, number).content for number in range(30))
    assert dataclasses.is_dataclass(made(3, 1))
    assert random.Random("3:1").random() == random.Random("3:1").random()  # noqa: S311
