"""Personal data are erased after their retention period, and what is left says so."""

import io
import json
import shutil
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import archive, pipeline, warehouse
from etl.cli import main as main
from etl.pipeline import erasures
from etl.problems import SystemFault
from etl.quarter import SEOUL
from etl.settings import settings
from etl.warehouse import transaction
from tests.card_documents import card_file
from tests.conftest import Begin, fresh_home
from tests.factories import GOVERNMENT, PLEDGES, QUARTER, register_workbook, return_workbook
from tests.flow.shell import run
from tests.flow.test_collect import rate
from tests.flow.test_verify import approve

SENT = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
RELEASED = SENT + timedelta(days=1)
DUE = SENT + timedelta(days=400)
NAME, PHONE, CARD_NAME = "가온누리", "031-5550-1234", "김가온"
CONTACT = {"공약번호": "1-1", "직위": "주무관", "이름": NAME, "전화": PHONE}
CARD = {"공약번호": "나눔-3", "공약명": "동네 쉼터 열 곳 만들기", "총사업비": 1140,
        "완료연도": 2022}  # fmt: skip


def happened(home: Path) -> None:
    """A register, a return and a card that name people, an answer with findings, a release."""
    sent = home / "elsewhere" / GOVERNMENT / QUARTER
    register = register_workbook(home / "register.xlsx", pledges=[*PLEDGES, CARD])
    pipeline.register(str(register), at=datetime(2021, 1, 4, 9, tzinfo=SEOUL))
    files = [
        return_workbook(
            sent / "return.xlsx",
            progress=[rate("1-1", 60), rate("1-2", 50, 추진상황="완료")],
            contacts=[CONTACT, {**CONTACT, "공약번호": f"{NAME} 없음"}],
        ),
        card_file(sent / "card.hwpx"),
    ]
    assert pipeline.collect([str(one) for one in files], at=SENT).accepted == 2
    pipeline.invite("2022Q1", GOVERNMENT, datetime(2022, 3, 25, tzinfo=SEOUL), True)
    approve(1, RELEASED)
    shutil.rmtree(home / "elsewhere")


@pytest.fixture
def office(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = begin(happened)
    keep_for(monkeypatch, 365)
    return home


def keep_for(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("GONGYAK_PERSONAL_DATA_DAYS", str(days))
    settings.cache_clear()


def rows(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def all_rows() -> dict[str, list[str]]:
    names = rows(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog',"
        " 'information_schema') AND table_name <> 'turn' ORDER BY 1"
    )
    return {name: sorted(str(row) for (row,) in rows(f"SELECT to_jsonb(t)::text FROM {name} AS t"))
            for (name,) in names}  # fmt: skip


def all_files(home: Path) -> dict[str, bytes]:
    """Every file of a home but PostgreSQL's own and the backups, and every member of a package."""
    found: dict[str, bytes] = {}
    for path in home.rglob("*"):
        place = path.relative_to(home)
        if place.parts[0] in ("pg", "run", "backup") or not path.is_file():
            continue
        found[str(place)] = content = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                found |= {f"{place}!{name}": package.read(name) for name in package.namelist()}
    return found


def naming(home: Path, *words: str) -> list[str]:
    """Return where any of these words occurs, in files and in tables."""
    files = all_files(home).items()
    tables = all_rows().items()
    return [
        *(name for name, content in files for word in words if word.encode() in content),
        *(name for name, lines in tables for word in words if any(word in one for one in lines)),
    ]


def figures() -> list[tuple[Any, ...]]:
    return [
        *rows("SELECT * FROM mart.released_figure ORDER BY 4, 6, 8"),
        *pipeline.trace(QUARTER, GOVERNMENT, RELEASED, "R1", "all").values,
        *((one,) for one in pipeline.figures(QUARTER, GOVERNMENT, RELEASED, None, "all")),
    ]


@pytest.mark.slow
def test_no_name_and_no_phone_is_left_and_no_figure_moved(office: Path) -> None:
    people = NAME, PHONE, CARD_NAME
    assert {place.split("/")[0].split(".")[0] for place in naming(office, *people)} >= {
        "archive", "outbox", "restricted",
    }  # fmt: skip
    before = figures()
    done = pipeline.erase_personal(DUE)
    assert (done.days, done.files) == (365, 2)
    assert done.rows >= 4
    assert naming(office, *people) == []
    assert figures() == before
    assert rows("SELECT submission_id, personal_data_days FROM audit.erasure ORDER BY 1") == [
        (2, 365), (3, 365),
    ]  # fmt: skip
    assert len(archive.erased()) == 2
    assert archive.places().keys() & {f"files/{one[:2]}/{one}" for one in archive.erased()} == set()
    assert pipeline.check_archive() == 3


def test_again_erases_nothing_and_a_trial_changes_nothing(office: Path) -> None:
    before = all_rows(), all_files(office)
    told = pipeline.erase_personal(DUE, is_dry_run=True)
    assert (all_rows(), all_files(office)) == before
    done = pipeline.erase_personal(DUE)
    assert (done.files, done.rows) == (told.files, told.rows)
    before = all_rows(), all_files(office)
    again = pipeline.erase_personal(DUE + timedelta(days=1))
    assert (again.files, again.rows, again.removed) == (0, 0, 0)
    assert (all_rows(), all_files(office)) == before


@pytest.mark.parametrize(
    ("days", "at"),
    [
        (None, DUE),
        (365, SENT + timedelta(days=365)),  # not older than that
        (1, SENT + timedelta(days=2)),  # departments may still report: the grace is not over
    ],
)
def test_what_is_not_due_stays(
    office: Path, monkeypatch: pytest.MonkeyPatch, days: int | None, at: datetime
) -> None:
    monkeypatch.setenv("GONGYAK_PERSONAL_DATA_DAYS", "" if days is None else str(days))
    settings.cache_clear()
    before = all_rows(), all_files(office)
    assert pipeline.erase_personal(at).files == 0
    assert (all_rows(), all_files(office)) == before


def test_a_moment_to_come_makes_nothing_due(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "seoul_now", lambda: SENT + timedelta(days=300))
    assert pipeline.erase_personal(DUE).files == 0


def test_a_file_in_work_stays(office: Path) -> None:
    with transaction() as connection:
        connection.execute(
            text("UPDATE audit.submission SET state = 'set_aside' WHERE submission_id = 2")
        )
    assert pipeline.erase_personal(DUE).files == 1
    assert rows("SELECT submission_id FROM audit.erasure") == [(3,)]


def test_killed_before_the_files_were_removed_the_next_run_removes_them(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(erasures, "write_journal", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.erase_personal(DUE)
    assert naming(office, NAME) != []
    with monkeypatch.context() as patched:
        patched.setattr(archive, "_write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.erase_personal(DUE)
    done = pipeline.erase_personal(DUE)
    assert done.files == 0
    assert done.removed >= 2
    assert naming(office, NAME, PHONE, CARD_NAME) == []
    assert pipeline.verify(QUARTER, GOVERNMENT).refused == []


def test_the_same_bytes_sent_in_again_have_a_time_of_their_own(
    office: Path, tmp_path: Path
) -> None:
    sha256 = rows("SELECT sha256 FROM audit.submission WHERE submission_id = 2")[0][0]
    again = tmp_path / "again.xlsx"
    again.write_bytes(archive.get(sha256))
    pipeline.erase_personal(DUE)
    with pytest.raises(SystemFault, match="개인정보 보유기간이 지나 지웠습니다"):
        archive.get(sha256)
    pipeline.withdraw(2, "총괄부서", "다시 받음", at=DUE)
    assert pipeline.collect([str(again)], at=DUE).submission_ids
    assert pipeline.erase_personal(DUE + timedelta(days=1)).files == 0
    assert archive.holds(sha256)
    assert pipeline.erase_personal(DUE + timedelta(days=366)).files == 1
    assert not archive.holds(sha256)
    stone = json.loads((office / "archive" / "erased" / f"{sha256}.json").read_bytes())
    assert [one["submission_id"] for one in stone["erased"]] == [2, 4]


@pytest.mark.slow
def test_a_proof_says_what_was_erased_and_holds_the_figures_to_the_cells(office: Path) -> None:
    assert run("verify", QUARTER).code == 0
    pipeline.erase_personal(DUE)
    said = run("verify", QUARTER)
    assert said.code == 3, said
    assert "2023-02-09에 개인정보 보유기간 365일(GONGYAK_PERSONAL_DATA_DAYS=365)이 지나" in said.out
    assert "return.xlsx(접수 2)" in said.out
    assert "일부만 확인했습니다. 원본 2개를 지워" in said.out
    assert "없습니다" not in said.out
    with transaction() as connection:
        connection.execute(text("UPDATE mart.released_figure SET numerator = numerator + 1"
                                " WHERE figure_code = 'R1' AND scope_type = 'all'"))  # fmt: skip
    said = run("verify", QUARTER)
    assert said.code == 1
    assert "다른 것 1건" in said.out


def test_a_proof_does_not_take_a_lost_file_for_an_erased_one(office: Path) -> None:
    sha256 = rows("SELECT sha256 FROM audit.submission WHERE submission_id = 2")[0][0]
    archive.erase(sha256, [])
    with pytest.raises(SystemFault, match=sha256):
        pipeline.check_archive()
    assert any(sha256 in line for line in pipeline.verify(QUARTER, GOVERNMENT).refused)


def test_an_erasure_that_only_the_warehouse_tells_is_named(office: Path) -> None:
    with transaction() as connection:
        connection.execute(text(
            "INSERT INTO audit.erasure SELECT submission_id, sha256, byte_count, now(), 365"
            " FROM audit.submission WHERE submission_id = 2"))  # fmt: skip
    refused = pipeline.verify(QUARTER, GOVERNMENT).refused
    assert "일지에 접수 2의 개인정보 삭제 기록이 없거나 다릅니다." in refused


def test_a_recheck_leaves_what_was_erased_as_it_is(office: Path) -> None:
    judged = all_rows()["audit.pledge_verdict"]
    pipeline.erase_personal(DUE)
    done = pipeline.recheck(QUARTER, GOVERNMENT, record=True, at=DUE)
    assert (done.files, done.erased) == (0, 2)
    assert all_rows()["audit.pledge_verdict"] == judged
    said = run("recheck", QUARTER)
    assert said.code == 0
    assert "원본을 지운 파일 2개는 다시 점검하지 못하며, 판정은 그대로입니다." in said.out


def test_a_quarter_that_was_erased_is_released_again_and_not_by_other_rules(office: Path) -> None:
    """Its files are no loss, and cannot be judged by the rules of today."""
    pipeline.erase_personal(DUE)
    with transaction() as connection:
        connection.execute(text("UPDATE audit.submission SET rule_version = 'of then'"))
    assert pipeline.stale_files(QUARTER, GOVERNMENT) == []
    summary = pipeline.release_summary(QUARTER, GOVERNMENT, DUE)
    assert not [line for line in summary.blockers if "규칙" in line]


def test_status_trace_and_erase_say_it(office: Path) -> None:
    said = run("erase", "--dry-run", "--at", "2023-02-09")
    assert said.code == 0
    assert "지울 것: 보유기간 365일이 지난 원본 2개" in said.out
    said = run("erase", "--at", "2023-02-09")
    assert "지움: 보유기간 365일이 지난 원본 2개" in said.out
    for command in (("status", QUARTER), ("trace", QUARTER, "R1")):
        said = run(*command)
        assert said.code == 0
        assert "GONGYAK_PERSONAL_DATA_DAYS=365" in said.out


@pytest.mark.slow
def test_a_backup_after_it_proves_well_and_one_before_it_is_erased_again(
    server: Path, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = str(tmp_path / "kept")
    pipeline.back_up(kept, DUE)
    pipeline.erase_personal(DUE)
    told = pipeline.back_up(kept, DUE + timedelta(days=1))
    assert told.archived < pipeline.back_up(str(tmp_path / "other"), DUE).archived + 1
    with fresh_home(server, tmp_path / "new") as home:
        told = pipeline.restore(kept)
        assert (told.verified, told.partly, told.differences) == (1, 1, [])
        assert len(archive.erased()) == 2
        assert naming(home, NAME, PHONE, CARD_NAME) == []
        assert pipeline.verify(QUARTER, GOVERNMENT).erased
    with fresh_home(server, tmp_path / "older") as home:
        told = pipeline.restore(kept, f"{DUE:%Y-%m-%d}")
        assert (told.verified, told.partly, told.differences) == (1, 0, [])
        assert naming(home, NAME) != []
        keep_for(monkeypatch, 365)
        assert pipeline.erase_personal(DUE).files == 2
        assert naming(home, NAME, PHONE, CARD_NAME) == []
    shutil.rmtree(tmp_path / "older")


def test_backups_give_up_an_erased_file_with_the_last_day_that_holds_it(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_BACKUP_DAYS", "2")
    settings.cache_clear()

    def held() -> int:
        return len([*(office / "backup" / "archive" / "files").glob("*/*")])

    pipeline.back_up(at=DUE)
    assert held() == 3
    pipeline.erase_personal(DUE)
    pipeline.back_up(at=DUE + timedelta(days=1))
    pipeline.drop_old_backups(DUE + timedelta(days=1))
    assert held() == 3
    pipeline.back_up(at=DUE + timedelta(days=3))
    pipeline.drop_old_backups(DUE + timedelta(days=3))
    assert held() == 1
    assert warehouse.migrate() is False
