"""Checking a waiting file and sending it in, each in a process of its own.

The pages' server neither loads what reads and judges files nor is forked for it: it answers others
meanwhile, and a file that brings a process down brings down no page. What is forked is a process
that has loaded all of it and does nothing else. A run of the shell and one of the pages keep out of
each other's way by the turns that every run takes.
"""

import logging
import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import BoundedSemaphore

from etl.desk import waiting
from etl.logs import log
from etl.problems import GongyakError, OutageError, SystemFault, UsageError
from etl.settings import another_home

_SECONDS = 600
_LAST_SECONDS = 10  # from its answer to its end
# What is left of the upload where its check, or its sending in, ends early; and what to do.
_LEFT = {
    "check": ("접수한 것은 없습니다.", "잠시 뒤 파일을 다시 올리십시오."),
    "send": ("올린 파일은 하루 동안 그대로 있습니다.", "잠시 뒤 접수하기를 다시 누르십시오."),
}
_AT_ONCE = BoundedSemaphore(2)
# Who waits holds one of the threads in which Airflow answers too.
_IN_LINE = BoundedSemaphore(8)
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", "etl.loaded"])

_KINDS: dict[str, type[GongyakError]] = {
    kind.__name__: kind for kind in (UsageError, OutageError, SystemFault)
}


def carry_out(task: str, token: str) -> None:
    """Do `check` or `send` with what waits under a token; raises as the pipeline does.

    Two at once, some others wait. Raises OutageError where too many do or it takes too long,
    SystemFault where the process ends otherwise.
    """
    if not _IN_LINE.acquire(blocking=False):
        raise OutageError("지금 많은 파일을 처리하고 있습니다.", *_LEFT[task])
    try:
        _in_another_process(task, token)
    finally:
        _IN_LINE.release()


def get_ready() -> None:
    """Begin to load what checks and takes files in; it is loaded once, beside whatever is done."""
    forkserver.ensure_running()


def _in_another_process(task: str, token: str) -> None:
    answer, answering = _PROCESSES.Pipe(duplex=False)
    with _AT_ONCE, answer:
        process = _PROCESSES.Process(target=_work, args=(answering, task, token, {**os.environ}))
        process.start()
        answering.close()
        try:
            # Its end is asked for too: what it began may outlive it, with our pipe open.
            if not wait([answer, process.sentinel], _SECONDS):
                process.kill()
                raise OutageError("시간이 너무 오래 걸려 멈추었습니다.", *_LEFT[task])
            if not answer.poll():
                raise EOFError
            refused = answer.recv()
        except EOFError as error:
            raise SystemFault(
                "올린 파일을 처리하던 프로그램이 멈추었습니다.", *_LEFT[task]
            ) from error
        finally:
            _end(process)
    if refused:
        kind, *told = refused
        raise _KINDS[kind](*told)


def _end(process: BaseProcess) -> None:
    """Wait for a process, which has answered, and no longer than that takes."""
    process.join(_LAST_SECONDS)
    process.kill()
    process.join(_LAST_SECONDS)


def check(token: str) -> None:
    """Check what waits under a token; nothing is received."""
    from etl import pipeline

    with waiting.alone_with(token) as kept:
        if kept is None or kept.result is not None:
            return
        # The answer of a check is as private as the file, and goes with it.
        private = {"GONGYAK_OUTBOX_FOLDER": str(kept.answers), "GONGYAK_COMMON_URL": ""}
        with another_home(private):
            trial = pipeline.dry_run([waiting.arrival(kept)])
        files = [
            waiting.CheckedFile(
                one.file_name, one.form_code, one.government_id, one.quarter_id,
                one.department_code, one.department_name,
            )
            for one in trial.files
        ]  # fmt: skip
        found = pipeline.for_sender(trial.findings)
        told = waiting.CheckResult(files, found, trial.answers, trial.not_taken, trial.faults)
        waiting.note_result(kept, told)


def send(token: str) -> None:
    """Send in what waits under a token, once: archived first, then the whole way."""
    from etl import pipeline
    from etl.quarter import seoul_now

    with waiting.alone_with(token) as kept:
        if kept is None:
            return
        upload = pipeline.Upload(
            kept.token, kept.user_name, kept.government_id, kept.department_code,
            kept.quarter_id, kept.file_name, kept.sha256, kept.source_uri, seoul_now(),
        )  # fmt: skip
        pipeline.note_upload(upload)
        done = pipeline.collect([waiting.arrival(kept)])
        if done.not_taken:
            raise UsageError.refused(" ".join(done.not_taken), "파일을 다시 올리십시오.")
        waiting.discard(token)


def _work(answering: Connection, task: str, token: str, environment: Mapping[str, str]) -> None:
    """Do a task; answer with what refused it, an empty list for nothing."""
    from etl.home import disk_told, open_home

    os.environ.update(environment)  # of now: the process that this one is forked from is older
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
    refused: list[str] = []
    try:
        open_home()
        with disk_told():
            {"check": check, "send": send}[task](token)
    except GongyakError as error:
        log.warning("제출 현황 | %s", error)
        kind = type(error).__name__
        refused = [kind, error.happened, error.untouched, error.next_step]
    answering.send(refused)
