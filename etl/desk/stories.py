"""The note of a run: what its tasks told of it, written when it ends.

A task may not write a note, so it leaves its story as an XCom (`etl.tasks.story`); the process that
ends a run, Airflow's scheduler, calls this listener and saves what it changes. What a person noted
stays above.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from airflow.listeners import hookimpl

from etl.tasks import STORY

HEADING = "**결과**"
LONGEST = 1000  # Airflow's own limit
_SHOWN = 8  # stories


def with_stories(note: str | None, stories: Iterable[str]) -> str:
    """Return a note with what a run told in place of what an earlier end of it told."""
    own = (note or "").partition(HEADING)[0].rstrip()
    told = [*dict.fromkeys(stories)]
    if not told:
        return own
    more = [f"그 밖에 {len(told) - _SHOWN}건"] if len(told) > _SHOWN else []
    lines = [*told[:_SHOWN], *more]
    ours = f"{HEADING} {lines[0]}" if len(lines) == 1 else "\n- ".join([f"{HEADING}\n", *lines])
    whole = f"{own}\n\n{ours}" if own else ours
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def _ended(run: Any) -> None:
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    # The scheduler's own session: what is changed there, it saves with the state of the run.
    if session := object_session(run):
        _write(session, run)
        return
    with create_session() as own:  # a run from a shell belongs to none
        _write(own, own.get(type(run), run.id))


def _write(session: Any, run: Any) -> None:
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    rows = session.scalars(
        select(XComModel)
        .where(
            XComModel.dag_id == run.dag_id, XComModel.run_id == run.run_id, XComModel.key == STORY
        )
        .order_by(XComModel.timestamp, XComModel.map_index)
    )
    told = chain.from_iterable(XComModel.deserialize_value(row) for row in rows)
    note = with_stories(run.note, told)
    if note != (run.note or ""):
        run.note = note


@hookimpl  # type: ignore[untyped-decorator]
def on_dag_run_success(dag_run: Any) -> None:
    """Write the note of a run that ended green."""
    _ended(dag_run)


@hookimpl  # type: ignore[untyped-decorator]
def on_dag_run_failed(dag_run: Any) -> None:
    """Write the note of a run that ended red."""
    _ended(dag_run)
