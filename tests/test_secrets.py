"""Secrets stand on no command line and in no log, whatever is done with them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from etl import service, warehouse
from etl.problems import OutageError
from etl.service import environment
from etl.settings import another_home, settings

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
