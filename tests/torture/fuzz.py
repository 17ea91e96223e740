"""A hundred thousand damaged files: nothing raises, nothing takes long, nothing is accepted wrong.

    python -m tests.torture.fuzz [--count 100000] [--seed 1] [--only NUMBER] [--workers 2]

Each input is made from seed and number in the process that reads it, under the limits of time and
memory of `etl.documents.isolation`. What is demanded of it is in `oracle.py`. A line tells of each
input that fails; `--only` tries one again and keeps its file.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from etl.documents.blocks import Block
from etl.documents.isolation import read_each
from etl.pipeline.reading import read_submission
from etl.problems import CellProblem, FileFault
from tests.documents_samples import CARD
from tests.torture import damage, known, oracle
from tests.torture.samples import WRITERS, Sample, samples

SLOW_SECONDS = 5.0  # for one input; whole files of these samples take hundredths
_TASK_SECONDS, _MEMORY_MB = 60.0, 1024
_PROGRESS = 5000
# How often each kind comes: reading a PDF takes as long as a hundred workbooks.
_WEIGHTS = {
    "return": 40.0, "register": 13.0, "hwpx": 9.0, "docx": 6.0, "hwp": 8.0, "txt": 10.0,
    "xlsx": 7.0, "bundle": 5.0, "pdf": 0.6,
}  # fmt: skip
_NAMES = (
    "{}",
    "{}",
    "{}",
    "보고.xlsx",
    "보고",
    "a.txt",
    "보고.hwp",
    "묶음/보고.xlsx",
    "x" * 200,
    "보고.pdf",
)


@dataclass(frozen=True)
class Input:
    """One input: the sample, what was done to it, and its bytes under a name."""

    sample: Sample
    how: str
    name: str
    content: bytes
    keeps: bool = False
    typed: known.Typed | None = None
    blocks: Sequence[Block] | None = None


@dataclass(frozen=True)
class Tried:
    """What came of one input: `same`, `told` (a problem more) or `other`, and what is wrong."""

    number: int
    label: str
    outcome: str
    seconds: float
    wrong: str | None = None


@cache
def _samples() -> tuple[dict[str, list[Sample]], list[Sample]]:
    """Return the samples by kind, and all of them; read once, before workers are forked."""
    every = samples()
    of_kind: dict[str, list[Sample]] = {}
    for one in every:
        of_kind.setdefault(one.kind, []).append(one)
        assert one.staged.rows or one.kind == "bundle", one.name
    return of_kind, every


def made(seed: int, number: int) -> Input:
    """Return the input of a number; always the same."""
    dice = random.Random(f"{seed}:{number}")  # noqa: S311  damage, no secret
    of_kind, every = _samples()
    kind = dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    sample = dice.choice(of_kind[kind])
    chance = dice.random()
    if chance < 0.25 and kind == "return":
        content, typed = known.retyped(dice, of_kind["return"][0])
        return Input(of_kind["return"][0], "retyped", sample.name, content, typed=typed)
    if chance < 0.2 and kind in WRITERS and kind != "pdf":
        blocks = known.blocks_changed(dice, CARD)
        return Input(sample, "retyped", sample.name, WRITERS[kind](blocks), blocks=blocks)
    ways = damage.PARTS if sample.members and chance > 0.6 else damage.BYTES
    way = dice.choice(ways)
    name = dice.choice(_NAMES).format(sample.name)
    return Input(
        sample, way.__name__, name, way(dice, sample, every),
        keeps=way in damage.KEEPS and (kind, way) != ("bundle", damage.encoded)
        and kind in oracle.CHECKED,
    )  # fmt: skip


def _try(_content: bytes, told: tuple[int, int]) -> Tried:
    """Make, read and judge one input; in a worker."""
    seed, number = told
    one = made(seed, number)
    label = f"{one.sample.name} {one.how}"
    begun = time.perf_counter()
    staged = read_submission(one.content, one.name)
    seconds = time.perf_counter() - begun
    outcome = oracle.outcome(one.sample, staged)
    wrong = oracle.wrong(one, staged, outcome)
    if seconds > SLOW_SECONDS:
        wrong = f"took {seconds:.1f} s"
    return Tried(number, label, outcome, seconds, wrong)


def fuzz(asked: argparse.Namespace) -> bool:
    """Try the inputs that are asked for; return whether nothing is wrong with any."""
    begun = time.monotonic()
    _samples()
    numbers = asked.only or range(asked.count)
    items = ((number, b"", (asked.seed, number)) for number in numbers)
    outcomes: Counter[str] = Counter()
    failed = 0
    longest = Tried(0, "", "", 0.0)
    for number, result in read_each(
        items, _try, workers=asked.workers, seconds=_TASK_SECONDS, memory_mb=_MEMORY_MB
    ):
        told = _as_tried(number, result)
        outcomes[f"{told.label.split('.')[-1]} {told.outcome}"] += 1
        longest = max(longest, told, key=lambda one: one.seconds)
        if sum(outcomes.values()) % _PROGRESS == 0:
            print(f"... {number}, {time.monotonic() - begun:.0f} s", flush=True)
        if told.wrong:
            failed += 1
            print(f"{number} {told.label}: {told.wrong}", flush=True)
    if asked.only:
        _keep(asked)
    _sum_up(outcomes, longest, time.monotonic() - begun)
    print(f"inputs tried {sum(outcomes.values())}, failed {failed}", flush=True)
    return not failed and bool(outcomes)


def _as_tried(number: int, result: Tried | CellProblem | FileFault) -> Tried:
    if isinstance(result, Tried):
        return result
    if isinstance(result, FileFault):
        return Tried(number, "?", "raised", 0.0, f"{result.error_type} at {result.place}")
    return Tried(number, "?", "died", _TASK_SECONDS, result.seen)


def _sum_up(outcomes: Counter[str], longest: Tried, seconds: float) -> None:
    for way in sorted({key.rpartition(" ")[0] for key in outcomes}):
        told = {
            key.rpartition(" ")[2]: many
            for key, many in sorted(outcomes.items())
            if key.rpartition(" ")[0] == way
        }
        print(f"  {way:<24} {told}")
    print(f"longest {longest.seconds:.2f} s: {longest.number} {longest.label}; {seconds:.0f} s")


def _keep(asked: argparse.Namespace) -> None:
    """Write the inputs that are looked at singly."""
    for number in asked.only:
        one = made(asked.seed, number)
        path = Path(asked.keep) / f"{number}_{one.sample.name}"
        path.write_bytes(one.content)
        print(f"kept {path}, read as {one.name!r}")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser(description="Damaged files for the readers.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, nargs="*", default=[], help="these numbers, kept")
    parser.add_argument("--keep", default=".", help="the folder for what is kept")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(0 if fuzz(arguments()) else 1)
