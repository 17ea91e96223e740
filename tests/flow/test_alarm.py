"""What of the installation's state reaches a person: told once, and told when it is well again."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl import alerts, pipeline, service
from etl.doctor import airflow, alarm, places
from etl.doctor.alarm import ALARMED, tell_state
from etl.doctor.outgoing import outgoing
from etl.quarter import SEOUL, seoul_now
from etl.settings import settings
from tests.mail_server import WebServer, web_server

ROOM = 5 * 2**30


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A disk with room."""
    usage = SimpleNamespace(free=ROOM)
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: usage)
    return usage


@pytest.fixture
def dags(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """What Airflow's database says of its DAGs: nothing, until a test says otherwise."""
    rows: list[SimpleNamespace] = []
    monkeypatch.setattr(airflow, "known_dags", lambda: rows)
    return rows


@pytest.fixture
def web(
    world: Path,
    disk: SimpleNamespace,
    dags: list[SimpleNamespace],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[WebServer]:
    """A home that is well, backed up, and whose alerts go to a web server."""
    pipeline.back_up()
    with web_server() as server:
        monkeypatch.setenv("GONGYAK_ALERT_WEBHOOK_URL", server.url)
        settings.cache_clear()
        yield server


def dag(name: str = "keep_house", **more: Any) -> SimpleNamespace:
    known = {"dag_id": name, "is_missed": False, "state": "success", "run_id": "run 1",
             "due_at": datetime(2022, 1, 7, 9, tzinfo=SEOUL)}  # fmt: skip
    return SimpleNamespace(**known | more)


def told(web: WebServer) -> list[tuple[str, str]]:
    return [(one["state"], one["kind"]) for one in web.posts]


def test_what_is_looked_at_is_checks_of_doctor() -> None:
    assert {name for name, _ in ((c.name, c) for c in alarm.all_checks())} >= set(ALARMED)
    assert {kind for kind, _ in ALARMED.values()} <= set(alerts.KINDS)


def test_what_is_well_tells_nobody(web: WebServer) -> None:
    assert tell_state() == []
    assert web.posts == []


def test_a_full_disk_is_told_once_a_day_and_its_end_once(
    web: WebServer, disk: SimpleNamespace
) -> None:
    disk.free = 2**20
    for _ in range(3):
        (raised,) = tell_state()
    assert raised.endswith("남은 디스크 0.0GB")
    assert told(web) == [("alert", "home")]
    assert "디스크에 자리를 만드십시오." in web.posts[0]["to_do"]
    disk.free = ROOM
    tell_state()
    tell_state()
    assert told(web) == [("alert", "home"), ("well", "home")]


@pytest.mark.slow
def test_a_backup_that_is_missing_old_or_damaged_is_told(web: WebServer, world: Path) -> None:
    shutil.rmtree(world / "backup")
    assert len(tell_state()) == 1
    assert "백업이 없습니다" in web.posts[-1]["happened"]
    pipeline.back_up()
    tell_state()
    shutil.rmtree(world / "backup")
    pipeline.back_up(at=seoul_now() - timedelta(days=3))
    tell_state()
    assert "3일 전" in web.posts[-1]["happened"]
    pipeline.back_up()
    tell_state()
    assert told(web) == [("alert", "backup"), ("well", "backup")] * 2
    (dump,) = (world / "backup").glob(f"{seoul_now():%Y-%m-%d}/warehouse-*.dump")
    dump.unlink()
    tell_state()
    assert told(web)[-1] == ("alert", "backup")


def test_a_missed_schedule_is_told_where_airflow_runs(
    web: WebServer, dags: list[SimpleNamespace], monkeypatch: pytest.MonkeyPatch
) -> None:
    dags.append(dag(is_missed=True))
    assert tell_state() == []  # whoever switched it off knows
    monkeypatch.setattr(service, "running_names", lambda: set(service.PROCESSES))
    tell_state()
    assert told(web) == [("alert", "missed_schedule")]
    assert "keep_house 2022-01-07 09:00" in web.posts[0]["happened"]
    dags[0].is_missed = False
    tell_state()
    assert told(web)[1:] == [("well", "missed_schedule")]


def test_a_red_run_that_nobody_told_is_told_and_one_that_was_told_is_not(
    web: WebServer, dags: list[SimpleNamespace]
) -> None:
    dags.append(dag(state="failed"))
    tell_state()
    tell_state()
    assert told(web) == [("alert", "red_run")]
    assert web.posts[0]["link"].endswith("/dags/keep_house/runs/run%201")
    dags[0].state = "running"  # it was cleared
    tell_state()
    assert len(web.posts) == 1
    dags[0].state = "success"
    tell_state()
    tell_state()
    assert told(web)[1:] == [("well", "red_run")]
    alerts.tell(alerts.red_run("keep_house", "run 2", ""))
    dags[0].state, dags[0].run_id = "failed", "run 2"
    tell_state()
    assert len(web.posts) == 3


def test_a_process_is_well_again_after_ten_minutes(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.tell(alerts.ended_process("scheduler", "-9"))
    alerts.tell(alerts.ended_process("triggerer", "1"))
    monkeypatch.setattr(service, "well_names", lambda: {"scheduler"})
    tell_state()
    assert told(web) == [("alert", "dead_process")] * 2
    ten_minutes_later = seoul_now() + timedelta(minutes=10)
    monkeypatch.setattr(alarm, "seoul_now", lambda: ten_minutes_later)
    tell_state()
    assert [(one["state"], one["about"]) for one in web.posts[2:]] == [("well", "scheduler")]


def test_what_a_look_raises_does_not_end_the_watch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = []

    def look() -> list[str]:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt  # the end of the test
        raise RuntimeError("secret")

    monkeypatch.setattr(alarm, "tell_state", look)
    monkeypatch.setattr(alarm.time, "sleep", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        alarm.keep_alarmed()
    assert caplog.messages == ["알림 | 살피지 못했습니다(RuntimeError)"] * 2


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        ({}, "good", "알림을 받을 곳이 정해지지 않았습니다"),
        ({"alert_webhook_url": "https://x/s3cret"}, "good", "알림을 받는 곳: 웹훅"),
        ({"alert_mail": "a@b.kr, c@d.kr", "smtp_url": "smtp://me:s3cret@x", "mail_from": "가 <a@b.kr>"},
         "good", "알림을 받는 곳: 메일 2곳"),
        ({"alert_mail": "a@b.kr"}, "broken",
         "메일을 보내려면 GONGYAK_SMTP_URL과 GONGYAK_MAIL_FROM이 있어야 합니다"),
        ({"mail_departments": "true"}, "broken",
         "메일을 보내려면 GONGYAK_SMTP_URL과 GONGYAK_MAIL_FROM이 있어야 합니다"),
        ({"mail_departments": "true", "mail_test": "true"}, "good",
         "알림을 받을 곳이 정해지지 않았습니다"),
        ({"smtp_url": "x:s3cret", "mail_from": "a b"}, "broken",
         "GONGYAK_SMTP_URL을 읽을 수 없습니다(smtp://사용자:암호@서버:포트),"
         " GONGYAK_MAIL_FROM이 메일 주소가 아닙니다"),
        ({"alert_webhook_url": "ftp://s3cret"}, "broken",
         "GONGYAK_ALERT_WEBHOOK_URL은 http나 https여야 합니다"),
    ],
)  # fmt: skip
def test_doctor_says_whom_alerts_reach(
    home: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], state: str, said: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"GONGYAK_{name.upper()}", value)
    settings.cache_clear()
    found = outgoing()
    assert (found.state, found.said) == (state, said)


def test_doctor_says_what_could_not_be_sent(web: WebServer) -> None:
    web.code = 500
    alerts.tell(alerts.ended_process("scheduler", "1"))
    found = outgoing()
    assert found.state == "remark"
    assert found.said.startswith("보내지 못한 알림 1건: [공약] Airflow의 프로세스가")
