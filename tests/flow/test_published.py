"""Printed values: taken in as a sheet or a file, judged against the figures, derived again."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import archive, pipeline
from etl.pipeline.journal import write_journal
from etl.pipeline.replay import Replay, plan
from etl.quarter import SEOUL
from etl.warehouse import scratch_warehouse, transaction
from tests.factories import GOVERNMENT, published_workbook, register_workbook, return_workbook
from tests.flow.shell import run

AT = datetime(2022, 1, 7, 10, 0, tzinfo=SEOUL)
LATER = datetime(2022, 1, 8, 10, 0, tzinfo=SEOUL)
QUARTER = "2021Q4"


def sql(query: str) -> list[tuple[Any, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


PLEDGES = [
    {"공약번호": f"1-{n}", "공약명": f"공약 하나 {n}", "주관부서코드": "D01"} for n in range(1, 8)
]


def register(folder: Path, *published: dict[str, Any]) -> Path:
    path = folder / f"register{len(published)}.xlsx"
    return register_workbook(path, pledges=PLEDGES, subprojects=(), published=published)


def reported(home: Path) -> None:
    """Seven pledges of three departments: 3 completed of 7, and of 2021Q3 2 of 7."""
    pledges = [
        {"공약번호": f"1-{n}", "공약명": f"공약 하나 {n}", "주관부서코드": "D01"}
        for n in range(1, 8)
    ]
    register = register_workbook(home / "register.xlsx", pledges=pledges, subprojects=())
    pipeline.register(str(register), at=datetime(2021, 1, 4, 9, 0, tzinfo=SEOUL))
    for quarter, done, at in (
        ("2021Q3", 2, datetime(2021, 10, 5, 9, 0, tzinfo=SEOUL)),
        (QUARTER, 3, AT),
    ):
        progress = [
            {**row, "추진상황": "완료", "이행률(%)": 100} if n < done
            else {**row, "추진상황": "정상추진", "이행률(%)": 40 + n}
            for n, row in enumerate({"공약번호": one["공약번호"], "공약명": one["공약명"]}
                                    for one in PLEDGES)
        ]  # fmt: skip
        path = return_workbook(home / f"{quarter}.xlsx", quarter=quarter, progress=progress)
        assert pipeline.collect([str(path)], at=at).accepted == 7


@pytest.fixture
def world(begin: Any) -> Path:
    folder: Path = begin(reported)
    return folder


def take(world: Path, *rows: dict[str, Any], at: datetime = LATER) -> pipeline.Registered:
    path = published_workbook(world / f"{at:%H%M%S%f}.xlsx", *rows)
    return pipeline.take_published(str(path), GOVERNMENT, at)


def judged() -> list[tuple[str, str, str]]:
    return [
        (str(row.figure_code), str(row.verdict_name), str(row.proof))
        for row in sql_rows("SELECT * FROM mart.published_figure ORDER BY printed_in, figure_code")
    ]


def sql_rows(query: str) -> list[Any]:
    with transaction() as connection:
        return list(connection.execute(text(query)))


@pytest.mark.slow
def test_each_verdict_with_the_numbers_that_prove_it(world: Path) -> None:
    r2 = {"지표코드": "R2", "소수자리": 2}
    lines = [
        # 3 / 7 = 42.857…
        ({"값": "42.86", "출처": "가"}, "일치", "7건 중 3건은 42.86"),
        ({"값": "42.85", "출처": "나"}, "버림", "7건 중 3건은 42.86; 42.85는 42.85714…에서 버린 값"),
        ({"값": "42.9", "소수자리": 1, "출처": "다"}, "일치", "7건 중 3건은 42.9"),
        ({"값": "43.0", "소수자리": 1, "출처": "라"}, "재계산 안 됨",
         "7건 중 3건은 42.9; 43.0은 어떤 건수로도 나오지 않는 값"),
        # 2 / 7 was the quarter before; 1 / 7 is two pledges fewer.
        ({"값": "28.57", "출처": "마"}, "지난 값", "7건 중 3건은 42.86; 28.57은 2021Q3의 7건 중 2건"),
        ({"값": "14.29", "출처": "바"}, "지난 값", "7건 중 3건은 42.86; 14.29는 7건 중 1건"),
        ({"값": "85.71", "출처": "사"}, "재계산 안 됨",
         "7건 중 3건은 42.86; 85.71은 6건이라야 나오는 값"),
        ({"지표코드": "COUNT", "값": 7, "소수자리": 0, "출처": "아"}, "일치", "7건"),
        ({"지표코드": "COUNT", "범위종류": "추진상황", "범위": "추진 중", "값": 5, "소수자리": 0,
          "출처": "자"}, "지난 값", "4건; 5건은 2021Q3의 5건"),
        ({"지표코드": "COUNT", "범위종류": "추진상황", "범위": "보류", "값": 0, "소수자리": 0,
          "출처": "차"}, "일치", "0건"),
        # 100 × 3 + 43 + 44 + 45 + 46 = 478, of 7: 68.2857…
        ({"지표코드": "R1", "범위종류": "부서", "범위": "가온과", "값": "68.3", "소수자리": 1,
          "출처": "카"}, "일치", "7건의 이행률 합 478은 68.3"),
        ({"지표코드": "PLAN", "값": 0, "소수자리": 0, "출처": "타"}, "일치", "0원은 0백만원"),
        ({"지표코드": "B1", "값": 50, "소수자리": 1, "출처": "파"}, "재계산 안 됨",
         "다시 계산할 수 없음: 분모가 0입니다: 계획액이 없습니다(비예산 사업이거나 적히지 않음)"),
    ]  # fmt: skip
    done = take(world, *(r2 | line for line, _, _ in lines))
    assert [f.message for f in done.findings] == []
    assert [row[1:] for row in judged()] == [(verdict, proof) for _, verdict, proof in lines]


@pytest.mark.slow
def test_another_denominator_is_named(world: Path) -> None:
    """Of seven pledges one was put on hold: 3 of the other 6 is 50.0."""
    line = {"공약번호": "1-7", "공약명": "공약 하나 7", "추진상황": "보류", "이행률(%)": 46}
    held = return_workbook(world / "held.xlsx", progress=[line])
    assert pipeline.collect([str(held)], at=LATER).accepted == 1
    take(world, {"지표코드": "R2", "값": "50.00", "소수자리": 2})
    assert judged() == [
        ("R2", "다른 분모", "7건 중 3건은 42.86; 50.00은 분모가 다른 6건 중 3건(보류 뺀 공약 수)")
    ]


@pytest.mark.slow
def test_done_is_counted_in_either_sense(world: Path) -> None:
    """Three pledges are 완료 and one 이행후계속추진: four are done, as 이행완료율 has it."""
    line = {
        "공약번호": "1-7",
        "공약명": "공약 하나 7",
        "추진상황": "이행후계속추진",
        "이행률(%)": 100,
    }
    again = return_workbook(world / "ongoing.xlsx", progress=[line])
    assert pipeline.collect([str(again)], at=LATER).accepted == 1
    done = {"지표코드": "COUNT", "범위종류": "추진상황", "범위": "완료", "소수자리": 0}
    take(world, *(done | {"값": value, "출처": f"{value}건"} for value in (3, 4, 5)))
    assert [row[1:] for row in judged()] == [
        ("일치", "3건"),
        ("일치", "3건; 4건은 완료 3건 + 이행후계속추진 1건 = 4건(이행완료율에서 마친 공약)"),
        ("재계산 안 됨", "3건; 5건은 +2건 다른 값"),
    ]
    assert sql("SELECT numerator, recomputed_value FROM mart.published_figure ORDER BY 1") == [
        (3, 3), (3, 3), (4, 4)
    ]  # fmt: skip


@pytest.mark.slow
def test_a_file_is_whole_for_its_quarters_and_sources(world: Path) -> None:
    one, other = {"지표코드": "R2", "값": "42.9"}, {"지표코드": "R4", "값": "100"}
    take(world, one, other, {"출처": "누리집"})
    take(world, one | {"값": "42.8"}, at=LATER.replace(hour=11))
    known = "SELECT figure_code, printed_in, published_value::text FROM core.published_figure"
    in_force = f"{known} WHERE superseded_at = 'infinity' ORDER BY 1, 2"
    assert sql(in_force) == [("R1", "누리집", "50"), ("R2", "이행보고서 3쪽", "42.8")]
    # A register without the sheet ends none of it, and one that says it again is no news.
    pipeline.register(str(register(world, one | {"값": "42.8"})), at=LATER.replace(hour=12))
    assert sql(in_force) == [("R1", "누리집", "50"), ("R2", "이행보고서 3쪽", "42.8")]
    assert [row[:2] for row in judged()] == [("R1", "재계산 안 됨"), ("R2", "버림")]


@pytest.mark.slow
def test_a_mistyped_code_closes_no_value_of_its_source(world: Path) -> None:
    one, other = {"지표코드": "R2", "값": "42.9"}, {"지표코드": "R4", "값": "100"}
    take(world, one, other, {"출처": "누리집"})
    done = take(world, one | {"지표코드": "R22"}, other, at=LATER.replace(hour=11))
    (record,) = done.registers
    assert (record.left_out, record.closed) == (1, {"core.published_figure": 0})
    assert record.kept == ("공표값 2021Q4 R2 이행보고서 3쪽",)
    done = take(world, other, at=LATER.replace(hour=12))
    assert done.registers[0].ended == ("공표값 2021Q4 R2 이행보고서 3쪽",)


@pytest.mark.slow
def test_a_file_of_refused_lines_alone_ends_with_1(world: Path) -> None:
    take(world, {"지표코드": "R2", "값": "42.9"})
    path = published_workbook(world / "typo.xlsx", {"지표코드": "R22", "값": "42.9"})
    said = run("published", str(path), "--at", "2022-01-09T10:00")
    assert said.code == 1
    assert "1행은 반영하지 않았습니다" in said.out
    assert "불러온 것이 없습니다" in said.out
    assert [row[0] for row in judged()] == ["R2"]


@pytest.mark.slow
def test_what_is_mistyped_is_told_with_what_to_write(world: Path) -> None:
    done = take(
        world,
        {"지표코드": "평균이행률"},
        {"지표코드": "r2", "값": "42.9"},
        {"지표코드": "COUNT", "범위종류": "상태", "범위": "완료", "값": "3", "소수자리": 0},
        {"지표코드": "R4", "소수자리": "하나"},
    )
    told = {one.rule_id: one.message for one in done.findings}
    assert sorted(told) == ["F-20", "R-40"]
    assert "'평균이행률'을 모릅니다. 그 지표의 코드 R1을 적어 주십시오." in told["R-40"]
    assert "(예: 1)" in told["F-20"]
    assert [row[:2] for row in judged()] == [("COUNT", "일치"), ("R2", "일치")]
    shown = run("published", "--quarter", QUARTER).out
    assert "추진상황 완료" in shown
    assert "전체" in shown


def standing() -> list[tuple[Any, ...]]:
    return sql(
        "SELECT figure_code, printed_in, published_value::text FROM core.published_figure"
        " WHERE superseded_at = 'infinity' ORDER BY 1, 2"
    )


@pytest.mark.slow
def test_a_wrong_file_is_withdrawn_and_what_it_replaced_is_back(world: Path) -> None:
    take(world, {"지표코드": "R2", "값": "42.9"}, {"지표코드": "R4", "값": "100"})
    before = standing()
    take(world, {"지표코드": "R2", "값": "42.8"}, {"출처": "엉뚱한 곳"}, at=LATER.replace(hour=11))
    shown = " ".join(run("published", "--quarter", QUARTER).out.split())
    (number,) = sql("SELECT max(submission_id) FROM audit.submission")[0]
    assert f"잘못 올렸으면 gongyak withdraw {number}로 거둡니다." in shown
    asked = ("withdraw", str(number), "--by", "팀장", "--reason", "다른 기관의 값")
    said = run(*asked, "--at", "2022-01-08T12:00")
    assert said.code == 0
    assert f"접수 {number} 철회: 공표값 2개를 거두고 2개는 앞선 값을 되살렸습니다." in said.out
    assert standing() == before
    assert [row[:2] for row in judged()] == [("R2", "일치"), ("R4", "일치")]
    assert "이미 같은 사유로 철회했습니다" in run(*asked).out
    # The same file may come again, and a value that a later file says too stays with that one.
    take(world, {"지표코드": "R2", "값": "42.7"}, at=LATER.replace(hour=14))
    (number,) = sql("SELECT max(submission_id) FROM audit.submission")[0]
    take(world, {"지표코드": "R2", "값": "42.7"}, {"지표코드": "R4", "값": "99"},
         at=LATER.replace(hour=15))  # fmt: skip
    pipeline.withdraw(number, "팀장", "잘못 올림", at=LATER.replace(hour=16))
    assert [row[::2] for row in standing()] == [("R2", "42.7"), ("R4", "99")]


@pytest.mark.slow
def test_a_withdrawal_of_printed_values_is_derived_again(world: Path) -> None:
    take(world, {"지표코드": "R2", "값": "42.9"})
    take(world, {"지표코드": "R2", "값": "42.8"}, at=LATER.replace(hour=11))
    (number,) = sql("SELECT max(submission_id) FROM audit.submission")[0]
    pipeline.withdraw(number, "팀장", "잘못 올림", at=LATER.replace(hour=12))
    known = sql(VERSIONS)
    assert [row[2] for row in known] == [Decimal("42.9"), Decimal("42.8"), Decimal("42.9")]
    assert done_again() == known


def test_a_register_is_not_withdrawn(world: Path) -> None:
    said = run("withdraw", "1", "--by", "팀장", "--reason", "까닭")
    assert said.code == 2
    assert "공약대장은 고쳐서 다시 올립니다" in said.err


@pytest.mark.slow
def test_a_sheet_of_the_register_is_taken_and_ended_with_it(world: Path) -> None:
    path = register(world, {"지표코드": "R2", "값": "42.9"}, {"지표코드": "없음"})
    done = pipeline.register(str(path), at=LATER)
    assert [(f.rule_id, f.sheet_name, f.cell) for f in done.findings] == [("R-40", "공표값", "B3")]
    assert [row[:2] for row in judged()] == [("R2", "일치")]
    pipeline.register(str(register(world)), at=LATER.replace(hour=12))
    assert judged() == []


@pytest.mark.slow
def test_the_shell_takes_a_csv_and_shows_the_quarter(world: Path) -> None:
    path = world / "공표값.csv"
    path.write_text(
        "분기,지표코드,범위종류,범위,값,소수자리,출처,사유\n"
        "2021Q4,R2,,,42.86,2,이행보고서,\n"
        "2021Q4,R1,부서,가온과,68.2,1,이행보고서,\n"
        "2021Q4,R9,,,1,0,이행보고서,\n",
        encoding="cp949",
    )
    said = run("published", str(path), "--at", "2022-01-08T10:00")
    assert (said.code, said.err.count("Traceback")) == (0, 0)
    assert "R-40" in said.out
    assert "B4" in said.out
    assert "1행은 반영하지 않았습니다" in said.out
    shown = run("published", "--quarter", QUARTER)
    assert shown.code == 1
    assert "버림" in shown.out
    told = run("published", "--quarter", QUARTER, "--json")
    assert told.code == 1
    rows = json.loads(told.out)
    assert [(r["figure_code"], r["verdict_code"], r["published_value"]) for r in rows] == [
        ("R1", "TRUNCATED", "68.2"),
        ("R2", "AGREES", "42.86"),
    ]
    assert rows[0]["proof"] == "7건의 이행률 합 478은 68.3; 68.2는 68.2857…에서 버린 값"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "파일도 분기도 없습니다."),
        (("--quarter", "2030Q1"), "분기 2030Q1을 모릅니다."),
        (("no-such-file.xlsx",), "no-such-file.xlsx"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    world: Path, arguments: tuple[str, ...], told: str
) -> None:
    said = run("published", *arguments)
    assert said.code == 2
    assert told in said.err


@pytest.mark.slow
def test_a_wrong_file_is_refused_by_what_it_lacks(world: Path) -> None:
    wrong = return_workbook(world / "return.xlsx")
    said = run("published", str(wrong))
    assert said.code == 1
    assert "F-23" in said.out
    other = register_workbook(world / "other.xlsx")
    assert "F-23" in run("published", str(other)).out
    empty = published_workbook(world / "empty.xlsx")
    assert "공표값 시트에 적은 줄" in run("published", str(empty)).out
    table = world / "표.csv"
    table.write_text("이름,값\n가,1\n", encoding="utf-8")
    assert "공표값 시트(분기, 지표코드, 값, 소수자리, 출처)" in run("published", str(table)).out
    assert "F-42" in run("collect", str(table)).err
    table.write_text("지표코드,값\nR2,42.86\n", encoding="utf-8")
    assert "공표값 시트의 열(분기, 소수자리, 출처)" in run("published", str(table)).out


@pytest.mark.slow
@pytest.mark.parametrize("lacking", ["분기", "지표코드", "값", "소수자리", "출처"])
def test_a_csv_without_a_column_is_told_which(world: Path, lacking: str) -> None:
    row = {"분기": QUARTER, "지표코드": "R2", "값": "42.9", "소수자리": "1", "출처": "소식지"}
    del row[lacking]
    path = world / "값.csv"
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    said = run("published", str(path))
    assert said.code == 1
    assert f"공표값 시트의 열({lacking})" in said.out
    assert "/공약대장/" in said.out
    assert "값_점검결과.xlsx" in said.out
    assert "다음: 회신을 보고 파일을 고쳐서 다시 올리십시오" in said.err


def test_a_file_of_no_known_government_is_refused(home: Path) -> None:
    path = published_workbook(home / "published.xlsx", {})
    done = pipeline.take_published(str(path), GOVERNMENT, AT)
    assert [f.rule_id for f in done.findings] == ["R-46"]
    assert done.registers == []


@pytest.mark.slow
def test_a_release_waits_for_a_reason_and_is_derived_again(world: Path) -> None:
    value = {"지표코드": "R2", "값": "28.57", "소수자리": 2, "출처": "소식지"}
    take(world, value, {"지표코드": "R4", "값": "100.0"})
    asked = ("release", QUARTER, "--by", "과장", "--at", "2022-01-09T10:00")
    blocked = run(*asked)
    assert blocked.code == 1
    assert (
        "공표값 2건 가운데 다시 계산한 값과 다른 것: 1건: 이행완료율(R2) 28.57(지난 값)"
        in blocked.out
    )
    assert (
        "발표를 막음: 소식지에 실린 이행완료율(R2) 28.57이 다시 계산한 값과 다릅니다(지난 값): 7건 중"
        " 3건은 42.86; 28.57은 2021Q3의 7건 중 2건. 발표한 것은 그대로입니다." in blocked.out
    )
    take(world, value | {"사유": "정정 기사를 냄"}, at=LATER.replace(hour=12))
    released = run(*asked)
    assert released.code == 0
    assert "28.57(정정 기사를 냄)" in released.out
    assert run("published", "--quarter", QUARTER).code == 0
    verified = pipeline.verify(QUARTER, GOVERNMENT)
    assert (verified.refused, verified.differences) == ([], [])
    # What is published once more says the same: nothing stands in the way of that.
    assert "새로 발표할 것이 없습니다" in run(*asked).out


VERSIONS = (
    "SELECT figure_code, printed_in, published_value, decimal_places, recorded_at,"
    " superseded_at::text, _submission_id, _row FROM core.published_figure ORDER BY 5, 1"
)


def done_again() -> list[tuple[Any, ...]]:
    """Every version of every printed value, in an empty warehouse, from the archive alone."""
    write_journal()
    events, damaged = archive.events((archive.RECEIPTS, GOVERNMENT))
    assert damaged == []
    made = plan(events, GOVERNMENT)
    with scratch_warehouse():
        again = Replay(made)
        again.start()
        for step in made.steps:
            again.do(step)
        return sql(VERSIONS)


@pytest.mark.slow
def test_what_is_done_again_from_the_journal_is_the_same(world: Path) -> None:
    take(world, {"지표코드": "R2", "값": "42.9"}, {"값": "51"})
    take(world, {"지표코드": "R2", "값": "42.8"}, at=LATER.replace(hour=11))
    known = sql(VERSIONS)
    assert len(known) == 3
    assert done_again() == known


@pytest.mark.slow
def test_a_value_is_known_from_when_it_was_recorded(world: Path) -> None:
    take(world, {"지표코드": "R2", "값": "42.9"})
    before = LATER.replace(hour=9)
    assert pipeline.published(QUARTER, GOVERNMENT, before) == []
    (one,) = pipeline.published(QUARTER, GOVERNMENT, LATER.replace(hour=11))
    assert (one.shown, one.shown_again, one.numerator, one.denominator) == ("42.9", "42.9", 3, 7)
