"""When the bell of the inbox rings: for what lies still, again while it lies, and for no other."""

import asyncio
import itertools
from contextlib import aclosing

import pytest

from etl import bell, pipeline
from etl.bell import InboxBell, Rings
from etl.inbox import Arrival
from etl.problems import OutageError


def test_it_rings_once_a_file_lies_as_it_lay_at_the_look_before() -> None:
    rings = Rings()
    assert rings.due({"a": "1:10"}, 0) == []
    assert rings.due({"a": "2:20"}, 3) == []  # it grew
    assert rings.due({"a": "2:20", "b": "1:1"}, 6) == ["a"]
    assert rings.due({"a": "2:20", "b": "1:1"}, 9) == ["b"]
    assert rings.due({"a": "2:20", "b": "1:1"}, 12) == []


def test_it_rings_again_after_one_two_four_minutes_while_nobody_takes_the_file() -> None:
    rings, waiting = Rings(), {"a": "1:10"}
    rings.due(waiting, 0)
    rung = [now for now in range(1, 1000) if rings.due(waiting, now)]
    # At once; 60 s later; 120 s after that; 240 s; 480 s.
    assert rung == [1, 61, 181, 421, 901]


def test_it_rings_once_a_day_at_the_least() -> None:
    rings, waiting, day = Rings(), {"a": "1:10"}, 24 * 3600
    rings.due(waiting, 0)
    rung = [minute for minute in range(1, 10 * 1440) if rings.due(waiting, minute * 60)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(rung)]
    assert max(gaps) * 60 == day


@pytest.mark.parametrize("changed", [{}, {"a": "2:20"}])
def test_what_was_taken_or_changed_is_new_when_it_comes_again(changed: dict[str, str]) -> None:
    rings = Rings()
    rings.due({"a": "1:10"}, 0)
    assert rings.due({"a": "1:10"}, 3) == ["a"]
    rings.due(changed, 6)
    assert rings.due({"a": "1:10"}, 9) == []
    assert rings.due({"a": "1:10"}, 12) == ["a"]


def test_it_goes_on_where_the_inbox_cannot_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lying = [Arrival("file:///inbox/a", "a", "1:10"), Arrival("file:///inbox/b", "b", "1:10")]
    looks = [OutageError("away", "", ""), ValueError("never thought of"), lying, lying]

    def waiting(inboxes: list[str]) -> list[Arrival]:
        found = looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(pipeline, "waiting", waiting)

    async def first() -> object:
        async with aclosing(InboxBell(seconds=0).run()) as events:  # type: ignore[type-var]
            return (await anext(events)).payload

    assert asyncio.run(first()) == {"files": 2}
    assert looks == []


def test_airflow_can_make_it_again_from_what_it_keeps() -> None:
    name, arguments = InboxBell(seconds=7).serialize()
    assert name == "etl.bell.InboxBell"
    assert bell.InboxBell(**arguments).seconds == 7
