"""Secrets stand on no command line and in no log, whatever is done with them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from etl import service, warehouse
from etl.problems import OutageError
from etl.service import environment
from etl.settings import another_home, secrets, settings

CANARY = "canary-7f3a-not-a-word"


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Gather every command line of the machine that shows inside the block."""
    seen: set[bytes] = set()
    done = Event()

    def look() -> None:
        while not done.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes())

    looking = Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


@pytest.mark.slow
def test_no_password_is_seen_while_an_installation_is_made(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"ALERT_WEBHOOK_URL": f"http://127.0.0.1:9/{CANARY}",
            "SMTP_URL": f"smtp://user:{CANARY}@127.0.0.1:9"}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"GONGYAK_{name}", value)
    settings.cache_clear()
    path = settings().home.resolve() / "airflow" / "password.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({service.USER: CANARY}), encoding="utf-8")
    with command_lines() as seen:
        service.ready()
    assert any(b"etl.desk.accounts" in line for line in seen)  # it did look
    assert any(b"airflow\0db\0migrate" in line for line in seen)
    secrets = [CANARY, *environment.keys().values()]
    assert [line for line in seen if any(one.encode() in line for one in secrets)] == []
    logs = [log for log in settings().logs.rglob("*") if log.is_file()]
    assert logs
    written = "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)
    assert [one for one in secrets if one in written] == []


def test_an_address_with_a_password_is_told_without_it() -> None:
    url = f"postgresql://office:{CANARY}@127.0.0.1:9/warehouse"
    with another_home({"GONGYAK_DATABASE_URL": url}):
        assert CANARY not in repr(settings())
        with pytest.raises(OutageError) as told, warehouse.transaction():
            pass
        chain: BaseException | None = told.value
        while chain is not None:
            assert CANARY not in f"{chain} {chain!r}"
            chain = chain.__cause__ or chain.__context__


def test_what_is_secret_is_known_as_it_is_written_and_as_it_is_meant() -> None:
    told = {
        "GONGYAK_DATABASE_URL": "postgresql://office:one%40two@127.0.0.1:9/warehouse",
        "GONGYAK_SMTP_URL": "smtps://office@mail.example",
        "GONGYAK_ALERT_WEBHOOK_URL": f"https://chat.example/hooks/{CANARY}",
    }
    with another_home(told):
        found = secrets()
    assert {"one%40two", "one@two", f"hooks/{CANARY}", *told.values()} <= found
    # What masked these would mask every other line.
    assert not found & {"", "office", "warehouse", "127.0.0.1", "mail.example"}


def test_what_a_task_tells_is_masked_before_it_is_written(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task tells Airflow's supervisor, whose own chain of processors writes the task's log."""
    import structlog
    from airflow.sdk._shared.secrets_masker import _secrets_masker
    from airflow.sdk.execution_time import task_runner
    from airflow.sdk.log import logging_processors

    from etl import tasks

    sent: list[Any] = []
    comms = SimpleNamespace(send=sent.append)
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", comms, raising=False)
    written = BytesIO()
    log = structlog.wrap_logger(
        structlog.BytesLogger(written), processors=logging_processors(json_output=True)
    )
    told = {
        "GONGYAK_SMTP_URL": f"smtp://user:{CANARY}%401@127.0.0.1:9",
        "GONGYAK_ALERT_WEBHOOK_URL": f"http://127.0.0.1:9/{CANARY}-hook",
    }

    def leak() -> None:
        for word in (f"{CANARY}%401", f"{CANARY}@1", f"{CANARY}-hook", *told.values()):
            log.error("파일이 없습니다.", path=word)

    with another_home({**told, "GONGYAK_HOME": str(empty_home)}):
        try:
            leak()
            assert written.getvalue().count(CANARY.encode()) == 5  # it would show
            written.truncate(0)
            tasks.task(task_id="leak")(leak).function()
            assert {one.value for one in sent} == secrets()
        finally:
            _secrets_masker().reset_masker()
    assert written.getvalue().decode().count("***") == 5
    assert CANARY.encode() not in written.getvalue()
