"""What tells of a person goes out only where the office waives it, whatever a department wrote."""

from pathlib import Path

import pytest
from sqlalchemy import text

from etl import pipeline
from etl.settings import settings
from etl.warehouse import transaction
from tests.conftest import REGISTERED_AT, Begin, registered
from tests.factories import GOVERNMENT, QUARTER, register_workbook, return_workbook
from tests.flow.test_release import AT, D01, D02, D03, DAY, blockers, decide, rows, send

NAMED = "건축과 임꺽정 주무관이 점검(010-1234-5678)"
REASON = "담당자를 알리려고 적음"


def all_reported(home: Path) -> None:
    """Report every pledge; one text names a person, and the department says why."""
    registered(home)
    named = {"추진내용": NAMED, "정정사유": REASON}
    send(home, "d1.xlsx", [D01[0] | named, D01[1] | {"추진내용": "홍길동이 점검"}])
    send(home, "d2.xlsx", D02, "D02")
    send(home, "d3.xlsx", D03, "D03")


@pytest.fixture
def reported(begin: Begin) -> Path:
    return begin(all_reported)


def waive(rule: str, pledge: str | None = "1-1") -> None:
    pipeline.waive(
        pipeline.Waiver(
            government_id=GOVERNMENT, rule_id=rule, department_code=None, pledge_id=pledge,
            first_quarter_id=QUARTER, last_quarter_id=QUARTER,
            expires_on=(AT + 30 * DAY).date(), approver="기획예산과장", reason="공인의 이름",
        ),
        AT,
    )  # fmt: skip


def everything_written(home: Path) -> str:
    """Return all that the warehouse tells: findings, verdicts, marts."""
    told = []
    with transaction() as connection:
        tables = connection.execute(
            text(
                "SELECT schemaname || '.' || tablename FROM pg_tables"
                " WHERE schemaname IN ('audit', 'mart') AND tablename <> 'pledge_narrative'"
            )
        ).scalars().all()  # fmt: skip
        for table in tables:
            told += connection.execute(text(f"SELECT t::text FROM {table} AS t")).scalars().all()
    logs = [path.read_text(encoding="utf-8") for path in settings().home.glob("**/*.log")]
    return "\n".join([*told, *logs])


@pytest.mark.slow
def test_a_reason_is_not_enough_to_publish(reported: Path) -> None:
    assert rows("SELECT count(*) FROM core.pledge_report WHERE pledge_id = '1-1'") == [(1,)]
    name, number = blockers()
    assert "공약 1-1의 글(추진내용)에 사람 이름이 있는 듯합니다(○○○ 주무관)" in name
    assert f"gongyak waive N-01 --pledge 1-1 --from {QUARTER}" in name
    assert "개인의 번호나 메일이 있는 듯합니다(휴대전화 01○-○○○○-○○○○)" in number
    assert decide().outcome == "blocked"
    assert rows("SELECT count(*) FROM audit.release") == [(0,)]


@pytest.mark.slow
def test_each_rule_is_waived_for_itself(reported: Path) -> None:
    waive("N-01")
    (number,) = blockers()
    assert "N-02" in number
    waive("N-02", "1-2")  # another pledge's
    assert blockers() == [number]
    waive("N-02")
    assert blockers() == []
    done = decide()
    assert done.outcome == "approved"
    assert [(p.rule_id, p.reason) for p in done.summary.personal] == [
        ("N-01", "공인의 이름"), ("N-02", "공인의 이름"),
    ]  # fmt: skip
    assert rows(
        "SELECT content FROM mart.released_narrative WHERE pledge_id = '1-1'"
        " AND kind_code = 'PROGRESS'"
    ) == [(NAMED,)]


@pytest.mark.slow
def test_a_text_that_is_mended_needs_no_waiver(reported: Path) -> None:
    send(reported, "d1-2.xlsx", [D01[0] | {"추진내용": "건축과가 점검"}], at=AT + DAY / 2)
    assert blockers() == []
    assert decide().outcome == "approved"


@pytest.mark.slow
def test_a_name_that_became_known_later_stops_the_release(reported: Path) -> None:
    contact = [{"공약번호": "2-1", "이름": "홍길동"}]
    file = return_workbook(reported / "d2-2.xlsx", progress=D02, department="D02", contacts=contact)
    pipeline.collect([str(file)], at=AT + DAY / 2)
    waive("N-01")
    waive("N-02")
    (line,) = blockers()
    assert "공약 1-2의 글(추진내용)에 사람 이름이 있는 듯합니다(○○○)" in line


@pytest.mark.slow
def test_a_decided_change_is_looked_at_too(begin: Begin) -> None:
    def decided(home: Path) -> None:
        change = {
            "공약번호": "2-1",
            "일자": "2021-11-01",
            "구분": "보류",
            "사유": "임꺽정 위원의 제안",
        }
        later = {**change, "일자": "2022-01-01", "사유": "010-1234-5678"}
        path = register_workbook(home / "register.xlsx", changes=[change, later])
        pipeline.register(str(path), at=REGISTERED_AT)
        for name, lines, code in (("d1", D01, "D01"), ("d2", D02, "D02"), ("d3", D03, "D03")):
            send(home, f"{name}.xlsx", lines, code)

    begin(decided)
    (line,) = blockers()  # what was decided after 기준일 is not published yet
    assert "공약 2-1의 글(공약변경)에 사람 이름이 있는 듯합니다(○○○ 위원)" in line
    waive("N-01", "2-1")
    assert blockers() == []


def test_no_name_or_number_is_repeated(reported: Path) -> None:
    blockers()
    told = everything_written(reported)
    assert "○○○ 주무관" in told
    assert "임꺽정" not in told
    assert "1234-5678" not in told


@pytest.mark.slow
def test_a_release_from_before_words_went_out_says_none(reported: Path) -> None:
    waive("N-01", None)
    waive("N-02", None)
    assert decide().outcome == "approved"
    with transaction() as connection:
        connection.execute(text("UPDATE audit.release SET says_words = FALSE"))
    assert rows("SELECT count(*) FROM mart.released_narrative") == [(0,)]
    pipeline.publish_again(QUARTER, GOVERNMENT)
    folder = settings().published / GOVERNMENT / QUARTER / "r1"
    assert NAMED not in (folder / "data/narrative.csv").read_text(encoding="utf-8-sig")
    later = pipeline.Decision("기획예산과장", AT + 2 * DAY)
    assert decide(later).revision == 2
    folder = settings().published / GOVERNMENT / QUARTER / "r2"
    assert NAMED in (folder / "data/narrative.csv").read_text(encoding="utf-8-sig")
