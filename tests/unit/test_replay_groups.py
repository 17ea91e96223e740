"""Steps of a replay are grouped only where their order cannot matter."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.archive import Event
from etl.pipeline.replay_groups import STAGES, groups

Step = tuple[Event, int | None]


def step(kind: str, batch_id: int | None, number: int = 0) -> Step:
    return Event(f"{number}", kind, ({"batch_id": batch_id},)), batch_id


def whole(*batch_ids: int) -> list[Step]:
    return [step(kind, batch_id) for batch_id in batch_ids for kind in STAGES]


def sizes(steps: list[Step], touched: dict[int, Any]) -> list[int]:
    return [len(group) for group in groups(steps, touched)]


def pledges(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_batches_of_other_pledges_are_one_group() -> None:
    touched = {1: pledges("a"), 2: pledges("b", "c"), 3: pledges()}
    assert sizes(whole(1, 2, 3), touched) == [9]


def test_a_pledge_named_again_begins_a_group() -> None:
    touched = {1: pledges("a", "b"), 2: pledges("c"), 3: pledges("b"), 4: pledges("d")}
    assert sizes(whole(1, 2, 3, 4), touched) == [6, 6]


def test_a_register_and_a_decision_stand_alone_and_keep_their_place() -> None:
    touched = {1: pledges("a"), 2: None, 3: pledges("b"), 4: pledges("c")}
    steps = [*whole(1, 2, 3), step("withdrawal", None), *whole(4)]
    assert sizes(steps, touched) == [3, 1, 1, 1, 3, 1, 3]


def test_a_stage_done_twice_or_going_back_begins_a_group() -> None:
    touched = {1: pledges("a")}
    assert sizes([step("read", 1), step("read", 1), step("check", 1)], touched) == [1, 2]
    assert sizes([step("check", 1), step("read", 1)], touched) == [1, 1]


def test_stages_of_two_batches_that_ran_beside_each_other_are_one_group() -> None:
    touched = {1: pledges("a"), 2: pledges("b")}
    steps = [step(kind, batch_id) for kind in STAGES for batch_id in (2, 1)]
    assert sizes(steps, touched) == [6]


KINDS = st.sampled_from([*STAGES, "waiver"])
HISTORIES = st.lists(st.tuples(KINDS, st.integers(1, 5)), max_size=30)
TOUCHED = st.fixed_dictionaries(
    {n: st.none() | st.frozensets(st.sampled_from("abcd"), max_size=2) for n in range(1, 6)}
)


@given(HISTORIES, TOUCHED)
def test_no_step_passes_one_that_it_could_depend_on(
    history: list[tuple[str, int]], touched: dict[int, frozenset[str] | None]
) -> None:
    steps = [
        step(kind, None if kind == "waiver" else batch_id, number)
        for number, (kind, batch_id) in enumerate(history)
    ]
    found = list(groups(steps, touched))
    assert [one for group in found for one in group] == [one for one, _ in steps]
    batch_of = {one.name: batch_id for one, batch_id in steps}
    for group in found:
        # Stage by stage: a step passes those before it of a later stage.
        for place, late in enumerate(group):
            for early in group[:place]:
                if len(group) == 1 or STAGES.index(late.kind) > STAGES.index(early.kind):
                    continue
                names = [touched[batch_of[one.name] or 0] for one in (early, late)]
                assert batch_of[early.name] != batch_of[late.name]
                assert names[0] is not None
                assert names[1] is not None
                assert not names[0] & names[1]
