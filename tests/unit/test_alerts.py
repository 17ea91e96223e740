"""Alerts: what they say, when the same one is only counted, and what servers do to them."""

import json
import logging
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from etl import alerts, choices, mail, supervisor, tasks
from etl.alerts import Alert, Told, after, noted, red_run, tell, tell_again, well_again
from etl.alerts.words import payload_of, subject_of, text_of
from etl.quarter import SEOUL
from etl.service import processes
from etl.settings import settings
from tests.mail_server import MailServer, WebServer, mail_server, web_server

ROOT = Path(__file__).parents[2]
AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
RUN = Alert(
    "red_run", "collect_submissions", "run 1", "DAG가 멈추었습니다.", government="3990000",
    quarter="2021Q4", run_id="run 1", link="http://127.0.0.1:8080/dags/collect_submissions/runs/1",
)  # fmt: skip

Clock = Callable[[timedelta], None]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home where nothing is configured, and no .env."""
    monkeypatch.chdir(tmp_path)
    for name in ("ALERT_MAIL", "ALERT_WEBHOOK_URL", "SMTP_URL", "MAIL_FROM"):
        monkeypatch.delenv(f"GONGYAK_{name}", raising=False)
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a function that moves the clock of alerts, which stands at AT."""
    now = [AT]

    def move(by: timedelta) -> None:
        now[0] += by

    monkeypatch.setattr(alerts, "seoul_now", lambda: now[0])
    return move


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with web_server() as server:
        monkeypatch.setenv("GONGYAK_ALERT_WEBHOOK_URL", server.url)
        settings.cache_clear()
        yield server


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with mail_server() as server:
        _by_mail(monkeypatch, server.address)
        yield server


def _by_mail(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("GONGYAK_SMTP_URL", f"smtp://me:hunter2@{address}")
    monkeypatch.setenv("GONGYAK_MAIL_FROM", "office@garam.example")
    monkeypatch.setenv("GONGYAK_ALERT_MAIL", "one@garam.example, two@garam.example")
    settings.cache_clear()


def another(number: int) -> Alert:
    return Alert("red_run", "collect_submissions", f"run {number}", f"{number}번째.")


# --- what it says --------------------------------------------------------------------------------


def test_a_red_run_says_what_happened_what_is_safe_and_what_to_do(place: Path) -> None:
    told = Told(RUN, AT, AT, ("mail",), repeated=2)
    assert subject_of(told) == "[공약] collect_submissions 실행이 빨간색으로 끝났습니다"
    lines = dict(line.split(": ", 1) for line in text_of(told).splitlines())
    assert list(lines) == [
        "무슨 일", "되풀이", "안전한 것", "할 일", "기관", "분기", "DAG", "실행", "보기", "처음",
        "설치",
    ]  # fmt: skip
    assert lines["무슨 일"] == "DAG가 멈추었습니다."
    assert lines["되풀이"] == "마지막 알림 뒤로 2번 더 있었습니다."
    assert (lines["기관"], lines["DAG"]) == ("3990000", "collect_submissions")
    assert lines["보기"].endswith("/dags/collect_submissions/runs/1")
    assert lines["설치"].endswith(str(place.resolve()))
    posted = payload_of(told)
    assert posted["text"].startswith(subject_of(told))
    assert (posted["state"], posted["kind"], posted["repeated"]) == ("alert", "red_run", 2)
    assert (posted["happened"], posted["link"]) == (RUN.said, RUN.link)


@pytest.mark.parametrize("kind", alerts.KINDS)
def test_every_kind_has_all_its_words_in_korean(kind: str) -> None:
    told = Told(Alert(kind, "scheduler", "1", "있었습니다."), AT, AT, ())
    facts = {name for name in ("무슨 일: ", "안전한 것: ", "할 일: ") if name in text_of(told)}
    assert len(facts) == 3
    well = Told(told.alert, AT, AT, (), is_well=True)
    assert subject_of(well).startswith("[공약] 해소: ")
    for text in (subject_of(told), text_of(told), subject_of(well), text_of(well)):
        assert "{" not in text
        assert "(가)" not in text
        assert "None" not in text


def test_what_a_run_is_called_cannot_make_a_header_or_a_line() -> None:
    alert = red_run("x\r\nBcc: a@b.c", "run\n할 일: 없음", "http://pages/", government="3\n9")
    told = Told(alert, AT, AT, ())
    assert "\n" not in subject_of(told)
    assert [line for line in text_of(told).splitlines() if line.startswith(("Bcc", "9"))] == []
    assert (
        alert.link
        == "http://pages/dags/x%0D%0ABcc%3A%20a%40b.c/runs/run%0A%ED%95%A0%20%EC%9D%BC%3A%20%EC%97%86%EC%9D%8C"
    )


# --- when it is sent -----------------------------------------------------------------------------


def test_the_same_is_counted_for_an_hour_and_told_with_the_next(
    web: WebServer, clock: Clock
) -> None:
    tell(another(1))
    for number in (2, 3):
        clock(timedelta(minutes=20))
        tell(another(number))
    assert len(web.posts) == 1
    clock(timedelta(minutes=20))  # an hour after the first
    tell(another(4))
    tell(another(4))  # the same happening told twice is one
    assert [one["happened"] for one in web.posts] == ["1번째.", "4번째."]
    assert [one["repeated"] for one in web.posts] == [0, 2]
    clock(timedelta(hours=2))
    tell(another(5))
    assert web.posts[-1]["repeated"] == 0


def test_other_alerts_do_not_wait_for_each_other(web: WebServer, clock: Clock) -> None:
    tell(another(1))
    tell(Alert("red_run", "keep_house", "run 1", "다른 DAG."))
    tell(Alert("dead_process", "scheduler", "1", "멈춤."))
    assert [one["about"] for one in web.posts] == ["collect_submissions", "keep_house", "scheduler"]


def test_the_end_is_told_once_and_only_of_what_was_told(web: WebServer, clock: Clock) -> None:
    well_again("red_run", "collect_submissions", "성공했습니다.")
    assert web.posts == []
    tell(another(1))
    clock(timedelta(minutes=5))
    for _ in range(2):
        well_again("red_run", "collect_submissions", "성공했습니다.")
    assert [one["state"] for one in web.posts] == ["alert", "well"]
    assert (web.posts[1]["happened"], web.posts[1]["to_do"]) == ("성공했습니다.", "없습니다.")
    assert noted() == {}
    tell(another(2))  # right after its end it is a new one
    assert [one["state"] for one in web.posts] == ["alert", "well", "alert"]


def test_both_ways_at_once(web: WebServer, post: MailServer) -> None:
    tell(RUN)
    assert len(web.posts) == 1
    (found,) = post.mails
    assert found["Subject"] == "[공약] collect_submissions 실행이 빨간색으로 끝났습니다"
    assert found["To"] == "one@garam.example, two@garam.example"
    assert "할 일: 실행의 화면에서" in found.get_content()


def test_nothing_configured_sends_nothing_and_says_what_it_would_have(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        tell(RUN)
        tell(RUN)
    (line,) = caplog.messages
    assert line.startswith("알림 | 받을 곳이 정해지지 않아 보내지 않음: [공약] collect_submissions")
    assert "무슨 일: DAG가 멈추었습니다." in line
    assert stat.S_IMODE((place / "alerts.json").stat().st_mode) == 0o600


# --- what servers do to it -----------------------------------------------------------------------


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_webhook_leads_nowhere_else(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with web_server(code) as server, web_server() as other:
        server.leads_to = other.url
        monkeypatch.setenv("GONGYAK_ALERT_WEBHOOK_URL", server.url)
        settings.cache_clear()
        tell(another(1))
        assert (len(server.posts), other.posts, other.gets) == (1, [], [])
        assert noted()["red_run/collect_submissions"].owed == ("webhook",)


@pytest.mark.parametrize("code", [500, 404, 302, 0])
def test_what_a_webhook_does_not_take_is_owed_and_sent_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    with caplog.at_level(logging.INFO), web_server(code) as server:
        monkeypatch.setenv("GONGYAK_ALERT_WEBHOOK_URL", server.url)
        settings.cache_clear()
        tell(another(1))
        assert noted()["red_run/collect_submissions"].owed == ("webhook",)
        tell_again()  # too soon: who sends may still be at it
        assert len(server.posts) == 1
        server.code = 200
        clock(timedelta(minutes=3))
        tell_again()
        tell_again()
    assert len(server.posts) == 2
    assert noted()["red_run/collect_submissions"].owed == ()
    assert "s3cret" not in caplog.text  # the address of a webhook is its password


def test_nobody_reached_is_no_quiet_time(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, web: WebServer
) -> None:
    web.code = 500
    tell(another(1))
    clock(timedelta(minutes=3))
    web.code = 200
    tell(another(2))
    assert [one["repeated"] for one in web.posts] == [0, 1]  # the first reached nobody


def test_one_way_that_fails_is_tried_again_alone(
    clock: Clock, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(replies={"MAIL": "451 later"}) as server:
        _by_mail(monkeypatch, server.address)
        tell(RUN)
        server.manners.replies = {}
        clock(timedelta(minutes=3))
        tell_again()
        assert len(server.mails) == 1
    assert len(web.posts) == 1


@pytest.mark.parametrize("manners", [{"silent_at": "EHLO"}, {"closes_at": "DONE"},
                                     {"replies": {"AUTH": "535 hunter2"}}])  # fmt: skip
def test_a_mail_server_of_any_manner_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, manners: dict[str, Any]
) -> None:
    monkeypatch.setattr(mail, "_SECONDS", 0.3)
    with caplog.at_level(logging.DEBUG), mail_server(**manners) as server:
        _by_mail(monkeypatch, server.address)
        tell(RUN)
    assert noted()["red_run/collect_submissions"].owed == ("mail",)
    assert "알림 | mail로 보내지 못했습니다" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("url", ["ftp://s3cret/x", "file:///etc/passwd", "s3cret", "http://"])
def test_an_address_that_is_none_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    monkeypatch.setenv("GONGYAK_ALERT_WEBHOOK_URL", url)
    settings.cache_clear()
    tell(RUN)
    assert "알림 |" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": {}}', '{"a": {"first": 1, "sent": 2}}'])
def test_notes_that_cannot_be_read_cost_an_alert_too_many_and_none(
    place: Path, web: WebServer, text: str
) -> None:
    (place / "alerts.json").write_text(text, encoding="utf-8")
    tell(RUN)
    tell(RUN)
    assert len(web.posts) == 1
    assert list(json.loads((place / "alerts.json").read_text())) == [RUN.key]


def test_a_home_that_cannot_be_written_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (place / "file").write_text("")
    monkeypatch.setenv("GONGYAK_HOME", str(place / "file"))
    settings.cache_clear()
    tell(RUN)
    assert caplog.messages == ["알림 | 보내지 못했습니다(NotADirectoryError)"]


def test_killed_between_sending_and_noting_it_is_sent_twice_and_never_lost(
    web: WebServer, place: Path, clock: Clock
) -> None:
    script = (
        "import os; from etl import alerts\n"
        "alerts._post = lambda told, send=alerts._post: (send(told), os._exit(9))\n"
        "alerts.tell(alerts.Alert('red_run', 'x', '1', '가'))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert len(web.posts) == 1
    (told,) = noted().values()
    assert told.owed == ("webhook",)
    clock(told.sent - AT + timedelta(minutes=3))
    tell_again()
    tell_again()
    assert len(web.posts) == 2


@pytest.mark.slow
def test_many_at_once_send_one(web: WebServer) -> None:
    script = "from etl import alerts; alerts.tell(alerts.ended_process('scheduler', '-9'))"
    many = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]
    assert [one.wait(60) for one in many] == [0, 0, 0, 0]
    assert len(web.posts) == 1
    (told,) = noted().values()
    assert told.repeated == 3


def test_after_a_restart_of_the_clock_it_is_told_at_most_once_more() -> None:
    before = Told(another(1), AT, AT, ())
    assert after(before, another(2), AT - timedelta(days=1), ()).repeated == 1


# --- who raises it -------------------------------------------------------------------------------


def test_airflow_calls_once_a_run_with_what_little_it_may_know(web: WebServer) -> None:
    dag = SimpleNamespace(dag_id="report_quarter")
    assert tasks.CONVENTIONS["on_failure_callback"] is tasks.tell_red_run
    tasks.tell_red_run({"dag": dag, "run_id": "scheduled__2022", "reason": "task_failure"})
    asked = {"government": "3990000", "quarter": "2021Q4"}
    run = SimpleNamespace(conf=asked)
    tasks.tell_red_run(
        {"dag": SimpleNamespace(dag_id="open_quarter"), "run_id": "m", "dag_run": run}
    )
    assert [one["about"] for one in web.posts] == ["report_quarter", "open_quarter"]
    assert [one["government"] for one in web.posts] == ["", "3990000"]


def test_a_run_that_nobody_asked_for_names_whose_reports_set_it_off(web: WebServer) -> None:
    events = [
        SimpleNamespace(extra={"government": code, "quarter": "2021Q4"})
        for code in ("3990000", "3980000")
    ]
    run = SimpleNamespace(conf={}, consumed_asset_events=[*events, SimpleNamespace(extra=None)])
    tasks.tell_red_run(
        {"dag": SimpleNamespace(dag_id="report_quarter"), "run_id": "a", "dag_run": run}
    )
    (told,) = web.posts
    assert (told["government"], told["quarter"]) == ("3980000, 3990000", "2021Q4")


def test_a_scheduled_run_names_every_government_there_is(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"3990000": "가람구 (3990000)"}
    monkeypatch.setattr(choices, "names", lambda _: known)
    tasks.tell_red_run({"dag": SimpleNamespace(dag_id="keep_house"), "run_id": "s"})
    known["3980000"] = "나루구 (3980000)"
    tasks.tell_red_run({"dag": SimpleNamespace(dag_id="open_quarter"), "run_id": "s"})
    known |= {str(code): "" for code in range(1000000, 1000030)}
    tasks.tell_red_run({"dag": SimpleNamespace(dag_id="report_quarter"), "run_id": "s"})
    one, two, many = (post["government"] for post in web.posts)
    assert (one, two) == ("3990000", "3980000, 3990000")
    assert many.startswith("1000000, 1000001, ")
    assert many.endswith("1000019 외 12곳")


def test_a_process_that_ends_is_told_by_another_that_nobody_waits_for(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        begun.append((command, real(command, cwd=ROOT, **options)))
        return begun[-1][1]

    monkeypatch.setattr(processes.subprocess, "Popen", popen)
    processes._tell_of_end("scheduler", -9)
    processes._tell_of_end("scheduler", -9)
    for command, process in begun:
        assert process.wait(60) == 0
        assert web.url not in " ".join(command)
    (found,) = web.posts  # of two ends within the hour
    assert found["happened"] == "프로세스가 스스로 끝났습니다: scheduler(코드 -9)."


KEEPER = """
import subprocess, sys
from pathlib import Path
from etl import supervisor

folder = Path(sys.argv[1])
supervisor._LOOK_SECONDS = 0.05

def tell(name, code):
    # Slower than many looks of the keeper, which would end an orphan of its own session.
    script = f"sleep 1; echo {name} {code} >> {folder}/told"
    subprocess.Popen(["sh", "-c", script], start_new_session=True)

program = supervisor.Program("short", ["sh", "-c", "exit 3"], folder / "short.log")
supervisor.supervise([program], lambda: True, dict, folder / "record.json", tell)
"""


@pytest.mark.slow
def test_the_keeper_tells_each_end_and_neither_waits_nor_ends_who_tells(tmp_path: Path) -> None:
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(tmp_path)], cwd=ROOT, start_new_session=True
    )
    told = tmp_path / "told"
    deadline = time.monotonic() + 60
    while not told.exists() or len(told.read_text().splitlines()) < 2:
        assert time.monotonic() < deadline, "nothing was told"
        time.sleep(0.05)
    found = supervisor.recorded(tmp_path / "record.json")
    supervisor.stop(tmp_path / "record.json")
    keeper.wait(30)
    assert set(told.read_text().splitlines()) == {"short 3"}
    assert found is not None
    assert found.programs["short"].starts >= 2
