"""Mail to departments: what it says, to whom, once, and what becomes of it whoever is killed."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from etl import mail, pipeline
from etl.doctor import examine
from etl.doctor.record import Record
from etl.pipeline.letters import occasion_of
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import rows_of, run_alone, transaction
from tests.conftest import REGISTERED_AT, Begin
from tests.factories import GOVERNMENT, PLEDGES, register_workbook, return_workbook
from tests.flow.shell import run
from tests.mail_server import MailServer, mail_server

ROOT = Path(__file__).parents[2]
AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
HOSTILE = "나래과\r\nBcc: all@garam.example\r\n\r\n본문"
KEPT = HOSTILE.replace("\r\n", "\n")  # as a workbook keeps it
DEPARTMENTS = (
    {"부서코드": "D01", "부서명": "가온과", "메일": "gaon@garam.example"},
    {"부서코드": "D02", "부서명": HOSTILE, "메일": "narae@garam.example"},
    {"부서코드": "D03", "부서명": "다솜과", "메일": "다솜과 대표메일"},
)

Use = Callable[..., None]


def with_addresses(home: Path) -> None:
    """Load a register whose departments have addresses: one hostile name, one that is no address."""
    path = register_workbook(home / "register.xlsx", departments=DEPARTMENTS)
    pipeline.register(str(path), at=REGISTERED_AT)


@pytest.fixture
def office(begin: Begin) -> Path:
    return begin(with_addresses)


@pytest.fixture
def use(office: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Return a function that turns mail to departments on, with more settings by name."""
    monkeypatch.chdir(office)

    def turn_on(**more: str) -> None:
        for name, value in {"mail_departments": "true", **more}.items():
            monkeypatch.setenv(f"GONGYAK_{name.upper()}", value)
        settings.cache_clear()

    return turn_on


@pytest.fixture
def post(use: Use) -> Iterator[MailServer]:
    with mail_server() as server:
        use(smtp_url=f"smtp://{server.address}", mail_from="office@garam.example")
        yield server


def collect(home: Path, department: str = "D01", name: str = "제출.xlsx", **row: Any) -> Any:
    pledge = {"D01": "1-1", "D02": "2-1", "D03": "2-2"}[department]
    path = return_workbook(
        home / name, department=department, progress=[{"공약번호": pledge, **row}]
    )
    return pipeline.collect([str(path)], at=AT)


def states() -> list[tuple[str, str, str]]:
    return [
        tuple(row)
        for row in rows_of("SELECT department_code, occasion, state FROM audit.mail ORDER BY 1, 2")
    ]


def later() -> None:
    """Let the pause between two tries be over."""
    with transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE audit.mail SET tried_at = tried_at - interval '11 minutes'"
        )


def doctor() -> Record:
    (found,) = [one for one in examine(seconds=60) if one.name == "mails"]
    return found


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_off_by_default_nothing_is_owed(office: Path) -> None:
    collect(office)
    assert states() == []


def test_an_answer_says_what_came_what_was_found_and_what_to_do(
    office: Path, post: MailServer
) -> None:
    # 105 % is no rate: P-07 stops the pledge at the cell of the rate.
    collect(office, name="홍길동_제출.xlsx", **{"이행률(%)": 105, "추진내용": "홍길동"})
    (found,) = post.mails
    (number,) = [row[0] for row in rows_of("SELECT max(submission_id) FROM audit.submission")]
    assert found["To"] == "gaon@garam.example"
    assert found["Subject"] == "[공약] 2021Q4 가온과 점검 결과: 고칠 것 1건"
    text = found.get_content()
    lines = text.splitlines()
    assert lines[0] == "가람구 가온과 담당자께"
    received = "2022-01-05 10:00에 받은 2021Q4 공약 보고 파일"
    assert f"{received}(접수번호 {number})을 점검했습니다." in lines
    assert "공약: 반영 0건, 보류 1건, 사유 필요 0건" in lines
    assert [line for line in lines if line.startswith("- [공약 보류] P-07 ")] != []
    assert [line for line in lines if line.endswith(": 공약현황 D3")] != []
    assert (
        "할 일: 회신에 표시한 칸을 고쳐 다시 보내 주십시오. 그때까지 그 공약은 반영되지 않습니다."
    ) in lines
    assert f"회신: outbox/answers/2021Q4/3990000/{number} 폴더" in lines
    assert not [*found.iter_attachments()]
    assert not found.is_multipart()
    assert "홍길동" not in text + str(found["Subject"])  # not of the file's name either
    assert states() == [("D01", str(number), "sent")]
    assert doctor().state == "good"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pages", "lines"),
    [
        ("http://127.0.0.1:8080", []),  # of no use on a department's own machine
        ("https://pages.example/air/",
         ["제출 현황: https://pages.example/air/gongyak/?government=3990000&quarter=2021Q4"]),
    ],
)  # fmt: skip
def test_an_answer_leads_to_the_page_where_a_department_can_open_it(
    office: Path, post: MailServer, monkeypatch: pytest.MonkeyPatch, pages: str, lines: list[str]
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", pages)
    collect(office)
    text = post.mails[-1].get_content()
    assert [line for line in text.splitlines() if line.startswith("제출 현황: ")] == lines


def test_a_clean_file_needs_nothing_and_a_sheets_name_is_not_quoted(
    office: Path, post: MailServer
) -> None:
    collect(office)
    found = post.mails[-1]
    assert found["Subject"] == "[공약] 2021Q4 가온과 점검 결과: 고칠 것 없음"
    assert "공약: 반영 1건, 보류 0건, 사유 필요 0건" in found.get_content()
    assert "할 일: 없습니다." in found.get_content()
    assert "고칠 곳" not in found.get_content()


def test_a_hostile_name_makes_no_header_and_no_line(office: Path, post: MailServer) -> None:
    collect(office, "D02", 완료시기="임기후", 완료연도=2024)
    (found,) = post.mails
    assert found["Bcc"] is None
    assert found["To"] == "narae@garam.example"
    assert "\n" not in found["Subject"]
    assert [line for line in post.heard if line.startswith("rcpt")] == [
        "rcpt TO:<narae@garam.example>"
    ]
    assert not [line for line in found.get_content().splitlines() if line.startswith("Bcc")]


def test_a_hostile_name_begins_no_line_of_the_log(
    office: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        collect(office, "D02")
        pipeline.remind(at=AT)
        pipeline.department_status("2021Q4", GOVERNMENT, ["D02"])
    lines = [line for message in caplog.messages for line in message.splitlines()]
    assert sum("나래과" in line for line in lines) >= 2
    assert [line for line in lines if line.startswith(("Bcc", "본문"))] == []


def test_what_is_no_address_is_a_failure_that_is_shown(
    office: Path, post: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="gongyak"):
        assert collect(office, "D03").accepted == 1
    assert post.mails == []
    assert [state for _, _, state in states()] == ["failed"]
    assert "메일 | 2021Q4 다솜과: 메일 주소로 쓸 수 없습니다: '다솜과 대표메일'" in caplog.text
    found = doctor()
    assert found.state == "remark"
    assert "보내지 못한 메일(메일 주소로 쓸 수 없습니다" in found.said
    assert found.said.endswith("1통")


@pytest.mark.slow
def test_the_same_file_again_and_a_task_run_again_send_nothing_twice(
    office: Path, post: MailServer
) -> None:
    done = collect(office)
    (path,) = done.answers
    assert pipeline.answer(done.submission_ids, done.batch).answers == [path]
    pipeline.send_owed()
    assert len(post.mails) == 1


# --- servers and kills ---------------------------------------------------------------------------


def test_a_server_that_is_away_breaks_no_run_and_the_next_one_sends(
    office: Path, use: Use, post: MailServer
) -> None:
    use(smtp_url="smtp://127.0.0.1:1")
    assert collect(office).accepted == 1
    assert [state for _, _, state in states()] == ["failed"]
    use(smtp_url=f"smtp://{post.address}")
    pipeline.send_owed()
    assert post.mails == []  # not yet: a server that is away is not asked again at once
    later()
    pipeline.send_owed()
    assert len(post.mails) == 1
    assert [state for _, _, state in states()] == ["sent"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manners", "state"),
    [
        ({"replies": {"RCPT": "550 no such user"}}, "failed"),
        ({"closes_at": "RCPT"}, "failed"),
        ({"closes_at": "DONE"}, "unknown"),
        ({"silent_at": "DONE"}, "unknown"),
    ],
)
def test_what_may_have_gone_is_never_sent_again(
    office: Path, use: Use, monkeypatch: pytest.MonkeyPatch, manners: dict[str, Any], state: str
) -> None:
    monkeypatch.setattr(mail, "_SECONDS", 0.3)
    with mail_server(**manners) as server:
        use(smtp_url=f"smtp://{server.address}", mail_from="office@garam.example")
        assert collect(office).accepted == 1
        assert [found for _, _, found in states()] == [state]
        server.manners.closes_at = server.manners.silent_at = ""
        server.manners.replies = {}
        later()
        pipeline.send_owed()
    assert len(server.mails) == 1  # the first that was taken, or the second try
    assert doctor().state == ("good" if state == "failed" else "remark")


@pytest.mark.slow
def test_one_that_fails_for_ever_is_tried_five_times(
    office: Path, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(replies={"RCPT": "550 no"}) as server:
        use(smtp_url=f"smtp://{server.address}", mail_from="office@garam.example")
        collect(office)
        for _ in range(7):
            later()
            pipeline.send_owed()
    assert len([line for line in server.heard if line.startswith("rcpt")]) == 5


KILLED = """
import os
from etl import mail, pipeline

send = mail.send
def killed(*arguments):
    if {after}:
        send(*arguments)
    os._exit(9)
mail.send = killed
pipeline.send_owed()
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_killed_between_taking_and_noting_nothing_is_sent_twice(
    office: Path, use: Use, post: MailServer, after: bool
) -> None:
    """It errs on the side of not sending: whether it has gone nobody knows, and doctor says so."""
    use(smtp_url="")
    collect(office)  # owed, and nobody to send it by
    use(smtp_url=f"smtp://{post.address}")
    script = KILLED.format(after=after)
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert len(post.mails) == int(after)
    assert [state for _, _, state in states()] == ["sending"]
    assert doctor().state == "good"  # it may still be at it
    later()
    pipeline.send_owed()
    assert len(post.mails) == int(after)
    assert doctor().said == "보냈는지 알 수 없는 메일 1통"


@pytest.mark.slow
def test_killed_before_it_is_taken_the_next_run_sends_it(
    office: Path, use: Use, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("etl.pipeline.answers.send_owed", lambda: None)
        collect(office)
    assert [state for _, _, state in states()] == ["due"]
    collect(office, "D02", "다른.xlsx", 완료시기="임기후", 완료연도=2024)
    assert len(post.mails) == 2


def test_an_answer_that_is_not_noted_owes_nothing(
    office: Path, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is owed in the transaction that notes the answer, or not at all."""

    def broken(*_: Any) -> None:
        raise RuntimeError("at the end of the transaction")

    monkeypatch.setattr("etl.pipeline.answers.owe_answers", broken)
    with pytest.raises(RuntimeError):
        collect(office)
    assert states() == []
    assert rows_of("SELECT 1 FROM audit.submission WHERE answer_path IS NOT NULL AND"
                   " form_code = 'quarterly_return'") == []  # fmt: skip
    assert post.mails == []


@pytest.mark.slow
def test_many_at_once_send_each_mail_once(office: Path, use: Use, post: MailServer) -> None:
    use(smtp_url="")
    for number, rate in enumerate((10, 20, 30)):
        collect(office, name=f"{number}.xlsx", **{"이행률(%)": rate})
    use(smtp_url=f"smtp://{post.address}")
    script = "from etl import pipeline; pipeline.send_owed()"
    many = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(3)]
    assert [one.wait(120) for one in many] == [0, 0, 0]
    assert len(post.mails) == 3
    assert len({found["Message-ID"] for found in post.mails}) == 3


def test_without_a_server_nothing_is_sent_and_the_log_says_so(
    office: Path, use: Use, caplog: pytest.LogCaptureFixture
) -> None:
    use()
    with caplog.at_level(logging.INFO, logger="gongyak"):
        assert collect(office).accepted == 1
    assert "부서에 보낼 메일 1통을 보내지 않았습니다" in caplog.text
    assert doctor().said == "기다리는 메일 1통"


def test_a_week_later_it_is_no_news_any_more(office: Path, use: Use, post: MailServer) -> None:
    use(smtp_url="")
    collect(office)
    with transaction() as connection:
        connection.exec_driver_sql("UPDATE audit.mail SET due_at = due_at - interval '8 days'")
    use(smtp_url=f"smtp://{post.address}")
    pipeline.send_owed()
    assert post.mails == []


@pytest.mark.slow
def test_the_trial_writes_files_and_sends_nothing(office: Path, use: Use, post: MailServer) -> None:
    use(mail_test="true", mail_from="")
    collect(office)
    (path,) = (office / "outbox" / "mail").iterdir()
    assert path.suffix == ".eml"
    written: EmailMessage = message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[assignment]
    assert written["To"] == "gaon@garam.example"
    assert written["Subject"] == "[공약] 2021Q4 가온과 점검 결과: 고칠 것 없음"
    use(mail_test="false", mail_from="office@garam.example")
    later()
    pipeline.send_owed()
    assert post.heard == []  # what was tried is not sent later


@pytest.mark.slow
def test_a_warehouse_that_was_restored_sends_nothing_that_was_owed(
    office: Path, use: Use, post: MailServer
) -> None:
    use(smtp_url="")
    collect(office)
    run_alone("mail/close_open.sql")  # which a restore does
    use(smtp_url=f"smtp://{post.address}")
    pipeline.send_owed()
    assert post.mails == []
    assert doctor().said == "보냈는지 알 수 없는 메일 1통"


# --- reminders -----------------------------------------------------------------------------------

DUE = date(2022, 1, 10)


@pytest.mark.parametrize(
    ("days_left", "occasion"),
    [(8, None), (7, "마감 7일 앞"), (4, "마감 7일 앞"), (3, "마감 3일 앞"), (2, "마감 3일 앞"),
     (1, "마감 1일 앞"), (0, "마감 1일 앞"), (-1, "마감 지남"), (-7, "마감 지남")],
)  # fmt: skip
def test_a_department_is_reminded_for_few_occasions(days_left: int, occasion: str | None) -> None:
    assert occasion_of(DUE, DUE - timedelta(days=days_left)) == occasion


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=SEOUL)


@pytest.mark.slow
def test_who_has_sent_nothing_is_reminded_once_for_an_occasion(
    office: Path, post: MailServer
) -> None:
    # D01 owes two pledges: one is blocked, so it is listed; but it has sent and got its answer.
    collect(office, **{"이행률(%)": 105})
    post.mails.clear()
    told = pipeline.remind(_at("2022-01-07"))
    assert [one.department for one in told.reminders] == ["가온과", KEPT, "다솜과"]
    (found,) = post.mails  # D03 has no address
    assert found["To"] == "narae@garam.example"
    assert found["Subject"].endswith("제출 마감 2022-01-10(3일 남음)")
    text = found.get_content()
    assert "2021Q4 공약 보고의 마감일은 2022-01-10입니다(3일 남음)." in text
    assert "보고할 공약 1건 가운데 1건을 아직 받지 못했습니다." in text
    assert "유예일 2022-01-17까지 받습니다." in text
    assert "작성 파일: outbox/2021Q4/3990000 폴더의 부서 파일" in text
    assert told.mails.sent == 1
    pipeline.remind(_at("2022-01-07"))
    pipeline.remind(_at("2022-01-08"))  # two days left: the same occasion
    assert len(post.mails) == 1
    pipeline.remind(_at("2022-01-09"))
    pipeline.remind(_at("2022-01-11"))
    assert [found["Subject"].rpartition("(")[2] for found in post.mails] == [
        "3일 남음)", "1일 남음)", "1일 지남)",
    ]  # fmt: skip


@pytest.mark.slow
def test_who_has_sent_meanwhile_is_not_reminded_by_a_second_try(
    office: Path, use: Use, post: MailServer
) -> None:
    use(smtp_url="smtp://127.0.0.1:1")
    pipeline.remind(_at("2022-01-07"))
    use(smtp_url=f"smtp://{post.address}")
    collect(office, "D02", 완료시기="임기후", 완료연도=2024)
    post.mails.clear()
    later()
    pipeline.remind(_at("2022-01-08"))
    assert {found["To"] for found in post.mails} == {"gaon@garam.example"}


def test_the_shell_reminds_and_says_what_it_sent(office: Path, post: MailServer) -> None:
    said = run("remind", "--at", "2022-01-07")
    assert said.code == 0
    assert "아직 보고하지 않은 부서 3곳" in said.out
    assert "메일: 보냄 2통, 파일로 씀 0통, 보내지 못함 1통" in said.out
    assert len(PLEDGES) == 4
