"""Which steps of a replay can be done at once: those of files that have nothing in common.

Reading, checking and loading a file depend on the register, on waivers, and on what is known of the
pledges that the file names: their reports, and reasons given for findings on them. A reason given
in an answer may speak of no pledge. So the steps of two batches can change places when neither
holds a register or such an answer, and no pledge and no receipt belongs to both; what comes between
batches of any kind (a withdrawal, a waiver, a recheck) keeps its place. Within a group all files
are read, then all are checked, then all are loaded, each batch as of its own moments: what comes
out is what comes out one by one, at a fraction of the cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from etl.archive import Event

STAGES = ("read", "check", "acceptance")
Touched = Mapping[int, frozenset[str] | None]


def groups(steps: Iterable[tuple[Event, int | None]], touched: Touched) -> Iterator[list[Event]]:
    """Yield steps, told with their batches, in groups that can each be done stage by stage.

    `touched` names what the files of a batch have to do with, None for everything. A step that is
    none of the three stages, or that has to do with everything, is a group of its own.
    """
    group: list[Event] = []
    stage_of: dict[int, int] = {}
    held_by: dict[str, int] = {}
    for step, batch_id in steps:
        names = None if batch_id is None else touched.get(batch_id)
        if batch_id is None or names is None:
            if group:
                yield group
            yield [step]
            group, stage_of, held_by = [], {}, {}
            continue
        stage = STAGES.index(step.kind)
        is_taken = any(held_by.get(name, batch_id) != batch_id for name in names)
        if is_taken or stage_of.get(batch_id, -1) >= stage:
            yield group
            group, stage_of, held_by = [], {}, {}
        group.append(step)
        stage_of[batch_id] = stage
        held_by |= dict.fromkeys(names, batch_id)
    if group:
        yield group
