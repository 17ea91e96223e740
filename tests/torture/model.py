"""A plain-Python model of the domain beside the product: whatever happens, both say the same.

    python -m tests.torture.model [--steps 10000] [--seed 1] [--length 40] [--workers 2]

Hypothesis makes up the events of some quarters; after each, figures, reports in force and releases
are those of the model, now and at a moment remembered, and at the end every release is verified.
What fails is shrunk and told as a story, with the seed that leads there again.
"""

import logging
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import get_state_machine_test, initialize, invariant, rule

from etl.problems import UsageError
from tests.conftest import Beginnings, private_server
from tests.torture.internals import lighten
from tests.torture.model_domain import QUARTERS, File, Known, Receipt, Waiver
from tests.torture.model_figures import Figures, figures
from tests.torture.model_register import RegisterMachine, numbers
from tests.torture.model_returns import UNREASONED, quarters, returns
from tests.torture.model_world import day_of

STAGES = (  # of `collect`: where it ends, and whether its files count by then
    ("receive", None), ("stage_files", False), ("identify", False), ("check", False),
    ("load_checked", False), ("_refreshed", True), ("refresh", True), ("_mark_counted", True),
    ("department_groups", True), ("answer", True),
)  # fmt: skip
WITHDRAWING = (("with_left_over", False), ("take_out_of_force", False), ("note", False),
               ("write_journal", True), ("_refreshed", True), ("refresh", True))  # fmt: skip
WAIVABLE = (("P-09", UNREASONED), ("H-01", UNREASONED), ("F-47", None), ("M-05", None))
EVENTS = (
    *["submit"] * 5, "submit, broken off", "same bytes", "withdraw", "withdraw", "waive",
    "end of a waiver", "recheck", "release", "release",
)  # fmt: skip
MINUTE = timedelta(minutes=1)
APART = 1_000  # the first seeds of two workers
FEWEST, MOST = 5, 25  # runs with one seed; hypothesis' first of each is the simplest there is


class Machine(RegisterMachine):
    """What departments send, what the office decides, and what has to be so after each."""

    @rule(what=st.sampled_from(EVENTS), data=st.data(), pick=numbers, quarter=quarters)
    def happens(self, what: str, data: st.DataObject, pick: int, quarter: str) -> None:
        """One event, as often as EVENTS has it; nothing where there is nothing that it can be of."""
        stage = pick % len(STAGES) if pick % 3 == 0 else None
        if what == "submit":
            self._submit(data, 1 + pick % 3, None)
        elif what == "submit, broken off":
            self._submit(data, 1, pick % len(STAGES))
        elif what == "same bytes":
            self.send_the_same_bytes(pick, stage)
        elif what == "withdraw" and self.standing():
            self.withdraw(pick, None if stage is None else pick % len(WITHDRAWING))
        elif what == "waive":
            self.waive(WAIVABLE[pick % len(WAIVABLE)], quarter, (0, 3, 60)[pick % 3])
        elif what == "end of a waiver" and self.known.waivers:
            self.end_waiver(pick)
        elif what == "recheck":
            self.recheck(quarter)
        elif what == "release":
            self.release(quarter)

    # -- files ------------------------------------------------------------------------------------

    def _collected(
        self, sent: list[tuple[Path, str, File]], at: datetime, stage: int | None
    ) -> None:
        """Files are collected together, in a run that may end early; the next one goes on."""
        until, is_counted = (None, True) if stage is None else STAGES[stage]
        self.world.collect([path for path, _, _ in sent], at, until)
        before = self.known
        if is_counted is not None:
            news = [one for one in sent if not self._is_known(one[2])]
            receipts = [
                Receipt(file, sha, len(before.receipts) + n, before.accepted_of(file, day_of(at)))
                for n, (_, sha, file) in enumerate(news)
            ]
            made = replace(before, receipts=(*before.receipts, *receipts))
            self.becomes(made, at if is_counted else at + MINUTE)
        if until:
            self.told[f"broken off before {until}"] += 1
            self.at += MINUTE
            self.world.collect([], self.at)

    def _is_known(self, file: File) -> bool:
        """Whether a file that is in force as it stands says the same."""
        return any(
            one.file == file and self.known.is_wholly_in_force(one) for one in self.known.receipts
        )

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self._submit(data, 3, None)

    def _submit(self, data: st.DataObject, count: int, stage: int | None) -> None:
        at = self.now("submit")
        sent = []
        for _ in range(count):
            file = returns(data.draw, self.world.written, self.known.register)
            sent.append((*self.world.write(file), file))
        self.sent += sent
        self._collected(sent, at, stage)

    def send_the_same_bytes(self, pick: int, stage: int | None) -> None:
        self._collected([self.sent[pick % len(self.sent)]], self.now("same bytes"), stage)

    def withdraw(self, pick: int, stage: int | None) -> None:
        at, standing = self.now("withdraw"), self.standing()
        sha = standing[pick % len(standing)].sha256
        number = max(one.number for one in standing if one.sha256 == sha)
        until, is_done = (None, True) if stage is None else WITHDRAWING[stage]
        self.world.withdraw(sha, at, until)
        if is_done:
            self.becomes(self.known.withdrawn(number), at)
        if until:
            self.told[f"broken off before {until}"] += 1
            self.at += MINUTE
            self.world.collect([], self.at)

    def standing(self) -> list[Receipt]:
        return [one for one in self.known.receipts if not one.is_withdrawn]

    # -- the office -------------------------------------------------------------------------------

    def waive(self, which: tuple[str, str | None], first: str, days: int) -> None:
        at = self.now("waive")
        self._waived(Waiver(*which, first, QUARTERS[-1], day_of(at) + timedelta(days=days)), at)

    def _waived(self, waiver: Waiver, at: datetime) -> None:
        number = self.world.waive(waiver, at)
        self.becomes(replace(self.known, waivers={**self.known.waivers, number: waiver}), at)

    def end_waiver(self, pick: int) -> None:
        at = self.now("end of a waiver")
        number = sorted(self.known.waivers)[pick % len(self.known.waivers)]
        self.world.end_waiver(number, at)
        left = {n: waiver for n, waiver in self.known.waivers.items() if n != number}
        self.becomes(replace(self.known, waivers=left), at)

    def recheck(self, quarter: str) -> None:
        """Judging again moves no figure."""
        if any(one.file.quarter == quarter for one in self.standing()):
            self.world.recheck(quarter, self.now("recheck"))

    def release(self, quarter: str) -> None:
        """Missing reports are waived first; findings without a reason may stand in the way."""
        at = self.now("release")
        self._waived(Waiver("M-05", None, quarter, quarter, day_of(at)), at)
        self.at += MINUTE
        try:
            done, refused = self.world.release(quarter, self.at), ""
        except UsageError as told:
            done, refused = None, str(told)
        assert bool(done) == _reported(figures(self.known, quarter)), refused
        if done is None:
            self.told["release without a report"] += 1
            return
        self.told[f"release {done.outcome}"] += 1
        if done.revision:
            self.releases[quarter, done.revision] = self.at, self.known

    # -- what has to be so ------------------------------------------------------------------------

    @invariant()
    def tells_the_present(self) -> None:
        self._tells(self.at, self.known, QUARTERS)

    @invariant()
    def tells_a_moment_that_was(self) -> None:
        """Each remembered moment comes round; what was known held until right before the next."""
        self.looked_back += 7
        place = self.looked_back % len(self.moments)
        at, known = self.moments[place]
        after = [moment for moment, _ in self.moments[place + 1 :]]
        until = min(after, default=self.at + MINUTE) - timedelta(microseconds=1)
        as_of = max(at, until) if self.looked_back % 2 else at
        self.told["as-of query"] += 1
        self._tells(as_of, known, QUARTERS[self.looked_back % 3 :][:1])

    def _tells(self, as_of: datetime, known: Known, quarters: tuple[str, ...]) -> None:
        same(self.world.reports(as_of), known.reports(), f"reports in force {as_of}")
        for quarter in quarters:
            same(self.world.figures(quarter, as_of), figures(known, quarter), f"{quarter} {as_of}")

    @invariant()
    def keeps_what_was_released(self) -> None:
        for (quarter, revision), (_, known) in self.releases.items():
            told = self.world.released(quarter, revision)
            same(told, figures(known, quarter), f"{quarter} revision {revision}")

    def teardown(self) -> None:
        with self.stack:
            if sys.exc_info()[0] is None:
                for quarter, revision in self.releases:
                    self.told["verify"] += 1
                    assert not self.world.verify(quarter, revision), (quarter, revision)


def same(product: Mapping[Any, Any], model: Mapping[Any, Any], what: str) -> None:
    """Raise where the two differ, and name each place with both."""
    keys = sorted({*product, *model}, key=repr)
    lines = [f"{key}: product {product.get(key)}, model {model.get(key)}"
             for key in keys if product.get(key) != model.get(key)]  # fmt: skip
    assert not lines, "\n".join([what, *lines[:20]])


def _reported(told: Figures) -> bool:
    row = told.get(("R1", "all", ""))
    return row is not None and row[3] > 0


def share(steps: int, seed: int, length: int) -> tuple[int, Counter[str]]:
    """Run, with a server of its own, until so many steps are done; return runs, and steps by kind.

    A step is an event or a question about a moment that was; they come in groups with a seed each.
    """
    lighten()
    logging.disable(logging.WARNING)
    started, runs = perf_counter(), 0
    with private_server() as server, TemporaryDirectory() as folder:
        Machine.beginnings = Beginnings(server, Path(folder))
        while (done := Machine.told.total()) < steps:
            runs_now = max(FEWEST, min(MOST, (steps - done) // length))
            _run(runs_now, seed, length)
            runs, seed = runs + runs_now, seed + 1
            seconds = perf_counter() - started
            print(f"{Machine.told.total()} steps of {steps}, {seconds:.0f} s", flush=True)
    return runs, Machine.told


def _run(runs: int, seed: int, length: int) -> None:
    asked = settings(
        max_examples=runs, stateful_step_count=length, deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        print_blob=False,
    )  # fmt: skip
    try:
        hypothesis.seed(seed)(get_state_machine_test(Machine, settings=asked))()
    except BaseException:
        print(f"fails: python -m tests.torture.model --workers 1 --steps {runs * length}"
              f" --seed {seed} --length {length}", flush=True)  # fmt: skip
        raise


def main() -> None:
    asked = ArgumentParser()
    for name, usual in (("steps", 10_000), ("seed", 1), ("length", 40), ("workers", 2)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    told = asked.parse_args()
    with ProcessPoolExecutor(told.workers) as workers:
        of_worker = [
            workers.submit(share, told.steps // told.workers, told.seed + n * APART, told.length)
            for n in range(told.workers)
        ]
        shares = [one.result() for one in of_worker]
    steps = sum((counted for _, counted in shares), Counter[str]())
    runs = sum(runs for runs, _ in shares)
    print(f"{runs} runs, {steps.total()} steps, all as the model says")
    for what, count in sorted(steps.items()):
        print(f"{count:6} {what}")


if __name__ == "__main__":
    main()
