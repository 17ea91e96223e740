"""The page 제출 현황: what each visitor sees, and how a file is checked and sent in."""

import asyncio
import io
import multiprocessing
import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from etl import archive, pipeline
from etl.desk import app as desk_app, waiting, work
from etl.desk.app import create_app
from etl.desk.rights import Identity
from etl.problems import SystemFault
from etl.quarter import SEOUL
from etl.settings import settings
from tests.card_documents import card_file
from tests.conftest import REGISTERED_AT, Begin
from tests.desk import BASE_URL, OWN, client, in_process, office, officer, send, upload, viewer
from tests.factories import (
    DEPARTMENTS,
    GOVERNMENT,
    QUARTER,
    published_workbook,
    register_workbook,
    return_workbook,
)
from tests.flow.test_cards import PLEDGES as CARD_PLEDGES
from tests.flow.test_collect import sql
from tests.shots import jpeg

GAON, NARAE = "/gongyak/departments/3990000/D01", "/gongyak/departments/3990000/D02"
AT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)


def with_mails(home: Path) -> None:
    """Load a register in which two departments have a mail, and write the invitations."""
    mails = {"D01": "gaon@example.kr", "D02": " Narae@Example.kr "}
    departments = [dict(one) | {"메일": mails.get(str(one["부서코드"]))} for one in DEPARTMENTS]
    path = register_workbook(home / "register.xlsx", departments=departments)
    pipeline.register(str(path), at=REGISTERED_AT)
    pipeline.invite(QUARTER, GOVERNMENT, AT)


@pytest.fixture
def desk(begin: Begin) -> Iterator[Path]:
    home = begin(with_mails)
    with in_process():
        yield home


@pytest.fixture
def gaon(desk: Path) -> TestClient:
    return client(officer())


@pytest.fixture
def narae(desk: Path) -> TestClient:
    return client(officer("나래담당", "narae@example.kr"))


# --- who sees what ------------------------------------------------------------------------------


def test_an_officer_sees_the_own_department_alone(gaon: TestClient) -> None:
    page = gaon.get("/gongyak/").text
    assert "가온과" in page
    assert "나래과" not in page
    assert "미제출" in page
    assert "0/2" in page  # 1-1 and 1-2 are owed
    assert "작성 파일" in page


def test_the_office_sees_every_department(desk: Path) -> None:
    page = client(office()).get(f"/gongyak/?government={GOVERNMENT}&quarter=2021Q3").text
    assert [name in page for name in ("가온과", "나래과", "다솜과")] == [True] * 3
    assert "2021Q3 제출 현황" in page


def test_a_mail_is_the_same_whatever_its_case(narae: TestClient) -> None:
    assert narae.get(NARAE).status_code == 200


@pytest.mark.parametrize(
    "place",
    [
        NARAE,
        "/gongyak/departments/3990000/D99",
        "/gongyak/departments/0000000/D02",
        "/gongyak/invitations/3990000/2021Q4/D02",
        "/gongyak/runs/1",
        "/gongyak/answers/999",
        "/gongyak/?government=0000000",
        "/gongyak/releases/0000000/2021Q4/1",
    ],
)
def test_another_department_is_refused_in_korean(gaon: TestClient, place: str) -> None:
    """Also where there is no such thing: the answer does not tell."""
    answer = gaon.get(place)
    assert answer.status_code == 403
    assert "맡은 부서의 것이 아니라서" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [
        "/gongyak/departments/3990000/D99",
        "/gongyak/departments/3990000/D01?quarter=2030Q1",
        "/gongyak/invitations/3990000/1999Q1/D01",
        "/gongyak/invitations/3990000/..%2f..%2f/D01",
        "/gongyak/invitations/3990000/2021Q3/D01",  # not invited
        "/gongyak/answers/999",
        "/gongyak/answers/..%2f..%2fkeys.json",
        "/gongyak/runs/999",
        "/gongyak/releases/3990000/2021Q4/1",
        "/gongyak/checks/0",
        "/gongyak/receipts/00000000000000000000000000000000",
        "/gongyak/nothing",
    ],
)
def test_what_there_is_not_is_told_in_korean(desk: Path, place: str) -> None:
    answer = client(office()).get(place)
    assert answer.status_code == 404
    assert "찾을 수 없습니다" in answer.text


def test_a_department_may_be_assigned_to_a_name(desk: Path) -> None:
    pipeline.assign("가온담당", GOVERNMENT, "D03")
    pipeline.assign("가온담당", GOVERNMENT, "D03")
    other = client(officer(mail=None))
    assert other.get("/gongyak/departments/3990000/D03").status_code == 200
    assert other.get(GAON).status_code == 403
    assert [one[:3] for one in pipeline.assignments()] == [("가온담당", GOVERNMENT, "D03")]
    pipeline.unassign("가온담당")
    assert other.get("/gongyak/departments/3990000/D03").status_code == 403
    assert "맡은 부서가 정해지지 않았습니다" in other.get("/gongyak/").text
    assert sql("SELECT COUNT(*) FROM restricted.department_officer") == [(1,)]  # nothing is deleted


def test_who_may_not_read_sees_nothing(desk: Path) -> None:
    nobody = Identity("아무", None, may_read=False, may_send=False, sees_all=True)
    assert client(nobody).get("/gongyak/").status_code == 403
    assert client(nobody).get("/gongyak/icon.svg").status_code == 200


def test_a_fault_of_ours_is_a_number_that_stands_in_the_log(
    gaon: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = "".join(("홍길동", "의 글"))

    def broken(*_: object) -> None:
        raise ValueError(said)

    monkeypatch.setattr(desk_app.views, "overview", broken)
    answer = gaon.get("/gongyak/")
    assert answer.status_code == 500
    (number,) = [
        word for word in caplog.text.split() if f"번호 {word.rstrip(':')}을" in answer.text
    ]
    assert len(number.rstrip(":")) == 8
    assert "test_desk.py" in caplog.text
    assert said not in caplog.text + answer.text


# --- a file in ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_check_receives_nothing_and_a_second_button_does(gaon: TestClient, desk: Path) -> None:
    progress = [{"공약번호": "1-1"}, {"공약번호": "1-2", "이행률(%)": 105}]
    path = return_workbook(desk / "보고.xlsx", progress=progress)
    check = upload(gaon, path)
    page = gaon.get(check).text
    assert "아직 접수되지 않았습니다" in page
    assert "공약현황 D4" in page  # the second row of values begins in row 4, 이행률 is column D
    assert "105" in page
    assert "P-07" in page
    assert sql("SELECT COUNT(*) FROM audit.submission WHERE form_code <> 'register'") == [(0,)]
    answer = gaon.get(f"{check}/answers/1")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''%EB")
    assert answer.content[:2] == b"PK"

    receipt = gaon.get(send(gaon, check)).text
    assert "접수했습니다" in receipt
    assert "반영 1공약 · 멈춤 1공약" in receipt
    ((number, sha256),) = sql(
        "SELECT submission_id, sha256 FROM audit.submission WHERE form_code <> 'register'"
    )
    assert f"접수번호 {number}" in receipt
    assert archive.get(sha256) == path.read_bytes()
    assert gaon.get(f"/gongyak/answers/{number}").content[:2] == b"PK"
    assert "보류 있음" in gaon.get("/gongyak/").text
    page = gaon.get(GAON).text
    assert "P-07" in page
    assert f"접수 {number}" in page


@pytest.mark.slow
def test_the_same_button_again_receives_nothing_twice(gaon: TestClient, desk: Path) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx"))
    assert send(gaon, check) == send(gaon, check)
    assert gaon.get(check).status_code == 404
    assert "이미 접수했거나" in gaon.get(check).text
    assert sql("SELECT COUNT(*) FROM restricted.upload") == [(1,)]
    assert _received() == 1
    assert not list((desk / "desk").iterdir())


def _received() -> int:
    ((count,),) = sql(
        "SELECT COUNT(*) FROM audit.submission WHERE form_code IS DISTINCT FROM 'register'"
    )
    return int(count)


@pytest.mark.slow
def test_the_same_content_is_recognised(gaon: TestClient, desk: Path) -> None:
    path = return_workbook(desk / "보고.xlsx")
    send(gaon, upload(gaon, path))
    page = gaon.get(send(gaon, upload(gaon, path))).text
    assert "이미 반영된 파일과 같은 내용이라" in page
    assert _received() == 1


@pytest.mark.slow
def test_a_sending_that_broke_off_goes_on(
    gaon: TestClient, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx"))

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("etl.pipeline.submissions.check", killed)
        assert gaon.post(f"{check}/send", headers=OWN).status_code == 500
    assert _received() == 1
    page = gaon.get(send(gaon, check)).text
    assert "반영 1공약" in page
    assert _received() == 1


@pytest.mark.slow
def test_nobody_else_sends_in_or_sees_what_one_uploads(
    gaon: TestClient, narae: TestClient, desk: Path
) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx"))
    for pages in (narae, client(office())):
        assert pages.get(check).status_code == 404
        assert pages.get(f"{check}/answers/1").status_code == 404
        assert pages.post(f"{check}/send", headers=OWN).status_code == 404
    receipt = send(gaon, check)
    assert narae.get(receipt).status_code == 403
    assert "접수번호" in client(office()).get(receipt).text
    ((number,),) = sql("SELECT MAX(submission_id) FROM audit.submission")
    assert narae.get(f"/gongyak/answers/{number}").status_code == 403


def test_a_file_of_another_department_is_not_received(gaon: TestClient, desk: Path) -> None:
    path = return_workbook(
        desk / "보고.xlsx", department="D02", progress=[{"공약번호": "2-1", "이행률(%)": 105}]
    )
    check = upload(gaon, path)
    page = gaon.get(check).text
    assert "다른 부서(나래과)의 파일이 들어 있어" in page
    assert "P-07" not in page
    assert "그대로 접수하기" not in page
    assert gaon.get(f"{check}/answers/1").status_code == 404
    assert gaon.post(f"{check}/send", headers=OWN).status_code == 403
    assert _received() == 0


@pytest.mark.slow
def test_the_office_sends_in_for_every_department(desk: Path) -> None:
    pages = client(office())
    path = return_workbook(desk / "보고.xlsx", department="D02", progress=[{"공약번호": "2-1"}])
    assert "반영 1공약" in pages.get(send(pages, upload(pages, path, "D02"))).text


@pytest.mark.slow
def test_two_returns_in_a_zip_are_two_receipts(desk: Path) -> None:
    pledges = {"D01": "1-1", "D02": "2-1"}
    path = desk / "둘.zip"
    with ZipFile(path, "w") as bundle:
        for department, pledge in pledges.items():
            one = return_workbook(
                desk / f"{department}.xlsx", department=department, progress=[{"공약번호": pledge}]
            )
            bundle.write(one, f"../{department}.xlsx")
    alone = client(officer())
    check = upload(alone, path)
    assert "다른 부서(나래과)" in alone.get(check).text
    pipeline.assign("가온담당", GOVERNMENT, "D02")
    page = alone.get(send(alone, check)).text
    assert page.count("반영 1공약") == 2
    assert _received() == 3  # the zip is one too


@pytest.mark.slow
def test_pictures_come_in_a_zip_with_the_return_that_names_them(
    gaon: TestClient, desk: Path
) -> None:
    path = desk / "보고.zip"
    with ZipFile(path, "w") as bundle:
        bundle.write(return_workbook(desk / "D01.xlsx", attachments=[{}]), "D01.xlsx")
        bundle.writestr("지붕.jpg", jpeg())
    check = upload(gaon, path)
    assert "A-01" not in gaon.get(check).text
    assert "반영 1공약" in gaon.get(send(gaon, check)).text
    assert sql("SELECT file_name FROM mart.pledge_attachment") == [("지붕.jpg",)]


def test_a_broken_file_is_told_and_not_received_from_an_officer(
    gaon: TestClient, desk: Path
) -> None:
    path = desk / "깨짐.xlsx"
    path.write_bytes(return_workbook(desk / "보고.xlsx").read_bytes()[:2000])
    check = upload(gaon, path)
    page = gaon.get(check).text
    assert "반려" in page
    assert "어느 부서의 파일인지 읽을 수 없어" in page
    assert gaon.post(f"{check}/send", headers=OWN).status_code == 403
    pages = client(office())
    check = upload(pages, path)
    assert "반려된 파일이 1개" in pages.get(send(pages, check)).text


@pytest.mark.slow
def test_a_card_is_of_the_quarter_of_the_page(begin: Begin, tmp_path: Path) -> None:
    """As a folder of the inbox says it: the card itself names no quarter that is open now."""
    begin(with_a_card)
    pages = client(office())
    with in_process():
        check = upload(pages, card_file(tmp_path / "카드.hwpx"), "D01", "2021Q3")
        page = pages.get(send(pages, check)).text
    assert "반영 1공약" in page
    assert sql("SELECT pledge_id, quarter_id FROM core.pledge_report") == [("나눔-3", "2021Q3")]


def with_a_card(home: Path) -> None:
    path = register_workbook(home / "register.xlsx", pledges=CARD_PLEDGES)
    pipeline.register(str(path), at=REGISTERED_AT)


def test_a_form_of_an_earlier_quarter_is_found_under_another(gaon: TestClient, desk: Path) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx", quarter="2021Q3"))
    page = gaon.get(check).text
    assert "F-47" in page
    assert "멈춥니다" in page


def test_a_register_never_comes_in_here(desk: Path) -> None:
    pages = client(office())
    check = upload(pages, register_workbook(desk / "대장.xlsx", departments=DEPARTMENTS[:1]))
    assert "공약대장은 여기로 받지 않습니다" in pages.get(check).text
    assert pages.post(f"{check}/send", headers=OWN).status_code == 403
    assert sql("SELECT COUNT(*) FROM core.dim_department") == [(3,)]
    check = upload(pages, published_workbook(desk / "공표값.xlsx", {}))
    assert "공표값은 여기로 받지 않습니다" in pages.get(check).text
    assert pages.post(f"{check}/send", headers=OWN).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["../../x", "가\n나\r.xlsx", "가" * 400 + ".xlsx", "\u202excod.xlsx", '"><script>x</script>.xlsx',
     "a'b\".xlsx", "2021Q1/3990001/x.xlsx"],
)  # fmt: skip
def test_a_hostile_name_is_text(gaon: TestClient, desk: Path, name: str) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx"), name=name)
    page = gaon.get(check).text
    assert "막는 것이 없습니다" in page
    assert "<script>x" not in page
    assert "\u202e" not in page
    receipt = gaon.get(send(gaon, check))
    assert "반영 1공약" in receipt.text
    ((number, answer),) = sql(
        "SELECT submission_id, answer_path FROM audit.submission"
        " WHERE form_code = 'quarterly_return'"
    )
    given = gaon.get(f"/gongyak/answers/{number}")
    assert given.status_code == 200
    assert "\n" not in given.headers["content-disposition"]
    assert (desk / answer).resolve().is_relative_to(settings().outbox)
    assert not [path for path in desk.parent.iterdir() if path != desk]


def test_what_waits_is_the_owners_alone_and_a_day_at_most(gaon: TestClient, desk: Path) -> None:
    check = upload(gaon, return_workbook(desk / "보고.xlsx"))
    (folder,) = (desk / "desk").iterdir()
    modes = {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}
    assert (folder.stat().st_mode & 0o777, modes) == (0o700, {0o600})
    assert not (settings().outbox / "checks").exists()
    assert waiting.sweep() == 0
    yesterday = time.time() - timedelta(days=1, minutes=1).total_seconds()
    os.utime(folder, (yesterday, yesterday))
    assert gaon.get("/gongyak/").status_code == 200
    assert not folder.exists()
    assert gaon.post(f"{check}/send", headers=OWN).status_code == 404


# --- what is refused before it is read ----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://testserver:8081"},
        {"origin": BASE_URL, "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_form_of_another_page_is_refused(
    gaon: TestClient, desk: Path, headers: dict[str, str]
) -> None:
    files = {"file": ("a.xlsx", b"x")}
    answer = gaon.post(f"{GAON}/2021Q4/files", files=files, headers=headers)
    assert answer.status_code == 403
    assert "다른 화면에서 보낸 것" in answer.text
    check = upload(gaon, return_workbook(desk / "보고.xlsx"))
    assert gaon.post(f"{check}/send", headers=headers).status_code == 403
    assert _received() == 0


@pytest.mark.slow
def test_a_form_leads_to_a_page_of_ours(gaon: TestClient, desk: Path) -> None:
    """A path alone: no header of the request says where to."""
    sheet = return_workbook(desk / "보고.xlsx").read_bytes()
    elsewhere = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    checked = gaon.post(
        f"{GAON}/2021Q4/files",
        files={"file": ("//evil.example", sheet)},
        headers={**OWN, **elsewhere},
    )
    assert re.fullmatch(r"/gongyak/checks/\w+", checked.headers["location"])
    sent = gaon.post(f"{checked.headers['location']}/send", headers={**OWN, **elsewhere})
    assert re.match(r"/gongyak/\w", sent.headers["location"])


@pytest.mark.parametrize(
    ("who", "department", "origin", "status", "read"),
    [
        (viewer(), "D01", BASE_URL, 403, 0),
        (officer(), "D02", BASE_URL, 403, 0),
        (officer(), "D01", "http://evil.example", 403, 0),
        (officer(), "D01", BASE_URL, 400, 1),  # its body is no form
    ],
)
def test_who_may_not_send_is_refused_before_the_body_is_read(
    desk: Path, who: Identity, department: str, origin: str, status: int, read: int
) -> None:
    asked: list[int] = []
    said: list[Any] = []

    async def receive() -> Any:
        asked.append(1)
        return {"type": "http.request", "body": b"x", "more_body": False}

    async def answer(message: Any) -> None:
        said.append(message)

    headers = {"origin": origin, "content-length": "1",
               "content-type": "multipart/form-data; boundary=b"}  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "root_path": "", "query_string": b"",
        "path": f"/departments/3990000/{department}/2021Q4/files",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(create_app(lambda: who, BASE_URL)(scope, receive, answer))
    assert (said[0]["status"], len(asked)) == (status, read)
    assert not (desk / "desk").exists()


def test_a_file_over_the_limit_is_refused(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGYAK_FILE_LIMIT_MB", "1")
    settings.cache_clear()
    pages = client(officer())
    over = {"file": ("a.xlsx", io.BytesIO(b"x" * (2 * 1024 * 1024)))}
    answer = pages.post(f"{GAON}/2021Q4/files", files=over, headers=OWN)
    assert answer.status_code == 413
    assert "1MB" in answer.text
    # Within the form's room, over the file's own limit.
    over = {"file": ("a.xlsx", io.BytesIO(b"x" * (1024 * 1024 + 1)))}
    answer = pages.post(f"{GAON}/2021Q4/files", files=over, headers=OWN)
    assert answer.status_code == 400
    assert "한도 1MB" in answer.text
    assert not list((desk / "desk").iterdir())


def test_a_form_without_a_file_says_so(gaon: TestClient) -> None:
    answer = gaon.post(f"{GAON}/2021Q4/files", files={"file": ("", b"")}, headers=OWN)
    assert answer.status_code == 400
    assert "파일을 고르지 않았습니다" in answer.text
    assert gaon.get(f"{GAON}/2021Q4/files").status_code == 405


# --- two at once, each in a process of its own ----------------------------------------------------


@pytest.mark.slow
def test_two_officers_at_once_have_a_receipt_each(begin: Begin) -> None:
    home = begin(with_mails)
    sent = {
        "D01": (officer(), "1-1"),
        "D02": (officer("나래담당", "narae@example.kr"), "2-1"),
    }
    receipts: dict[str, str] = {}

    def bring(department: str) -> None:
        who, pledge = sent[department]
        path = return_workbook(
            home / f"{department}.xlsx", department=department, progress=[{"공약번호": pledge}]
        )
        pages = client(who)
        receipts[department] = pages.get(send(pages, upload(pages, path, department))).text

    both = [threading.Thread(target=bring, args=[department]) for department in sent]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert {code: "반영 1공약" in page for code, page in receipts.items()} == dict.fromkeys(
        sent, True
    )
    assert _received() == 2


@pytest.mark.slow
def test_the_same_button_twice_at_once_is_one_receipt(begin: Begin) -> None:
    home = begin(with_mails)
    pages = client(officer())
    check = upload(pages, return_workbook(home / "보고.xlsx"))
    places: list[str] = []
    both = [
        threading.Thread(target=lambda: places.append(send(client(officer()), check)))
        for _ in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(places) == 2
    assert len(set(places)) == 1
    assert _received() == 1


def test_when_too_many_wait_it_says_so(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(with_mails)
    monkeypatch.setattr(work, "_IN_LINE", threading.BoundedSemaphore(1))
    with work._IN_LINE:
        files = {"file": ("a.xlsx", b"x")}
        answer = client(officer()).post(f"{GAON}/2021Q4/files", files=files, headers=OWN)
    assert answer.status_code == 503
    assert "많은 파일" in answer.text


@pytest.mark.slow
def test_what_refuses_in_another_process_is_told_here(begin: Begin) -> None:
    home = begin(with_mails)
    pages = client(officer())
    check = upload(pages, return_workbook(home / "보고.xlsx"))
    token = check.rpartition("/")[2]
    (home / "desk" / token / "content").unlink()
    answer = pages.post(f"{check}/send", headers=OWN)
    assert answer.status_code == 400
    assert "십시오" in answer.text
    assert work.carry_out.__module__ == "etl.desk.work"


def _answers_and_stays(answering: Connection, *_: object) -> None:
    answering.send([])
    time.sleep(600)


def _ends_before_its_child(*_: object) -> None:
    if os.fork():
        os._exit(1)
    time.sleep(600)  # with all that it got open, the pipe of the answer too


@pytest.mark.slow
def test_who_asked_does_not_wait_for_what_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_LAST_SECONDS", 2)
    monkeypatch.setattr(work, "_work", _answers_and_stays)
    work.carry_out("check", "token")
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_an_end_is_seen_while_its_child_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_work", _ends_before_its_child)
    with pytest.raises(SystemFault, match="멈추었습니다"):
        work.carry_out("check", "token")
