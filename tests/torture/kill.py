"""Kill anything: `gongyak` dies at every point of a quarter, is run again, and the end is the same.

    python -m tests.torture.kill [--workers 2] [--sample 40 --seed 7] [--only collect:17] [--real]

The quarter (`scenario.py`) is lived through once, undisturbed; its events (`events.py`) are the
points. At each, the command is killed before the event, then it and all that follow are run again.
The end has to be that of the undisturbed quarter (`state.py`), every command has to end as it did
there, and nothing may be left running. A line tells of each point where it is not so.

Two things save time, and `--every` does without them. Where all is as in the undisturbed quarter
after a command, the rest is not run again, but for one point in ten. The end of a transaction that
wrote nothing is no point, nor is a write between the first and the last of a file.
"""

import argparse
import multiprocessing
import random
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.torture import internals
from tests.torture.events import NOTHING, Event
from tests.torture.scenario import STEPS, Step, deliver, invitations, write_register, write_returns
from tests.torture.state import Reader, State, differences
from tests.torture.world import Ended, World, opened_world, orphans

_KILLED = -9
_WHOLE_ONE_IN, _PROGRESS = 10, 50
_LINES_TOLD, _LETTERS_TOLD = 4, 200  # of what differs at one point


class Point(NamedTuple):
    """The moment before one event of one step."""

    step: str
    number: int

    def __str__(self) -> str:
        return f"{self.step}:{self.number}"


@dataclass
class Undisturbed:
    """How the quarter goes when nothing happens: events, exit and state after it, by step."""

    reader: Reader
    events: dict[str, list[Event]] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    after: dict[str, State] = field(default_factory=dict)

    def points(self, *, every: bool) -> list[Point]:
        """Return the points in order: every one, or those that tell something of their own."""
        return [
            Point(step, number)
            for step, events in self.events.items()
            for number in range(1, len(events) + 1)
            if every or _tells(events, number - 1)
        ]


def _tells(events: Sequence[Event], place: int) -> bool:
    """Tell whether the disk or the database are another than at the points beside this one."""
    event = events[place]
    is_amid = event.kind == "write" and [event, event] == [*events[place - 1 : place + 2 : 2]]
    return event.kind != NOTHING and not is_amid


def live_through(world: World) -> Undisturbed:
    """Live through the quarter once, keeping what it was before each step."""
    done = Undisturbed(Reader(world, datetime.now(UTC)))
    write_register(world.files)
    for step in STEPS:
        deliver(step, world.files, world.inbox)
        world.save(f"before_{step.name}")
        ended = _run(world, step, counted=True)
        done.events[step.name], done.exits[step.name] = world.counted(), ended.code
        done.after[step.name] = done.reader.state()
        if ended.code:
            raise SystemExit(f"{step.name} ends with {ended.code} undisturbed:\n{ended.said}")
        if step.name == "invite":
            write_returns(invitations(world.home), world.files)
    return done


def _run(world: World, step: Step, at: int = 0, *, counted: bool = False) -> Ended:
    return world.run(step.arguments(world.files, world.ask), at, counted=counted)


def survive(world: World, wanted: Undisturbed, point: Point, *, whole: bool = False) -> list[str]:
    """Kill at a point and go on from there; return what is not as it should be.

    `whole` goes on to the end, even where all is well before.
    """
    first = next(n for n, step in enumerate(STEPS) if step.name == point.step)
    world.restore(f"before_{point.step}")
    killed = _run(world, STEPS[first], point.number)
    if wrong := _killed_elsewhere(world, wanted, point, killed):
        return [wrong]
    told = [f"left running: {one}" for one in orphans()]
    world.close_gaps()
    unlike: list[str] = []
    for step in STEPS[first:]:
        if step.name != point.step:
            deliver(step, world.files, world.inbox)
        ended = _run(world, step)
        if ended.code != wanted.exits[step.name]:
            last = " / ".join(ended.said.strip().splitlines()[-2:])
            told.append(f"{step.name} then ends with {ended.code}: {last}")
        unlike = differences(wanted.after[step.name], wanted.reader.state())
        if not unlike and not whole:
            break
    return told + unlike


def _killed_elsewhere(world: World, wanted: Undisturbed, point: Point, killed: Ended) -> str | None:
    """Tell that a run did not come to the event at which it was to die."""
    event = wanted.events[point.step][point.number - 1]
    if killed.code != _KILLED:
        return f"was not reached, the command ended with {killed.code}: {killed.said[-300:]}"
    reached = world.counted()[-1]
    return None if reached.alike() == event.alike() else f"was another event: {reached}"


# -- workers --------------------------------------------------------------------------------------


class Told(NamedTuple):
    """What became of one point."""

    point: Point
    event: Event
    wrong: list[str]


def _work(share: int, asked: argparse.Namespace, results: Any) -> None:
    """Try this worker's share of the points in a world of its own; tells results, then None."""
    try:
        if not asked.real:
            internals.lighten()
        with opened_world() as world:
            wanted = live_through(world)
            chosen = _chosen(wanted, asked)
            results.put({step: len(events) for step, events in wanted.events.items()})
            for point in chosen[share :: asked.workers]:
                event = wanted.events[point.step][point.number - 1]
                whole = asked.every or point.number % _WHOLE_ONE_IN == 0
                results.put(Told(point, event, survive(world, wanted, point, whole=whole)))
    except BaseException:
        results.put(traceback.format_exc())
    finally:
        results.put(None)


def _chosen(wanted: Undisturbed, asked: argparse.Namespace) -> list[Point]:
    """Return the points that are asked for; a sample comes in the order of the dice."""
    points = wanted.points(every=asked.every)
    if asked.only:
        named = [one for one in wanted.points(every=True) if str(one) in asked.only]
        points = named or [point for point in points if point.step in asked.only]
    if asked.sample:
        dice = random.Random(asked.seed)  # noqa: S311  which points, no secret
        return dice.sample(points, min(asked.sample, len(points)))
    return points


def results_of(asked: argparse.Namespace) -> Iterator[Any]:
    """Yield what the workers tell, as it comes; each is a process with a server of its own."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(share, asked, results))
        for share in range(asked.workers)
    ]
    for worker in workers:
        worker.start()
    working = len(workers)
    while working:
        result = results.get()
        if result is None:
            working -= 1
        else:
            yield result
    for worker in workers:
        worker.join()


def torture(asked: argparse.Namespace) -> bool:
    """Try the points that are asked for, telling each that fails; return whether all survived."""
    begun, tried, survived, counts, broken = time.monotonic(), 0, 0, [], False
    internals.warm()
    for result in results_of(asked):
        if isinstance(result, Told):
            tried += 1
            survived += not result.wrong
            if tried % _PROGRESS == 0:
                seconds = time.monotonic() - begun
                print(f"... {result.point}, {tried} tried, {seconds:.0f} s", flush=True)
            _tell(result, whole=any(str(result.point) == one for one in asked.only))
        elif isinstance(result, dict):
            counts.append(result)
            print(f"events {sum(result.values())}: {result}", flush=True)
        else:
            broken = True
            print(f"a worker broke off:\n{result}", flush=True)
    if any(one != counts[0] for one in counts):
        broken = True
        print(f"the workers count different events: {counts}")
    print(f"{time.monotonic() - begun:.0f} s", flush=True)
    print(f"points tried {tried}, survived {survived}", flush=True)
    return not broken and tried > 0 and tried == survived


def _tell(result: Told, *, whole: bool) -> None:
    shown = result.wrong if whole else result.wrong[:_LINES_TOLD]
    more = len(result.wrong) - len(shown)
    if shown:
        what = "; ".join([one[:_LETTERS_TOLD] for one in shown] + [f"and {more} more"] * bool(more))
        print(f"{result.point} {result.event.kind} {result.event.what}: {what}", flush=True)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--workers", type=int, default=2, help="processes, each with a server")
    parser.add_argument("--sample", type=int, default=0, help="so many points instead of all")
    parser.add_argument("--seed", type=int, default=0, help="which points are the sample")
    parser.add_argument("--only", nargs="*", default=[], help="these points (step:N) or steps")
    parser.add_argument("--every", action="store_true", help="every event, each to the end")
    parser.add_argument("--real", action="store_true", help="rules run in Great Expectations")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(0 if torture(arguments()) else 1)
