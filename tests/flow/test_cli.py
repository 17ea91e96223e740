"""The shell as its users meet it: exit codes, JSON on stdout alone, errors in one line."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from etl.cli import main
from tests.factories import GOVERNMENT, register_workbook, return_workbook
from tests.flow.shell import run


def gongyak(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "etl", *arguments],
        env={**os.environ, "GONGYAK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_terminal_shows_how_far_a_run_is_and_whole_lines(home: Path) -> None:
    assert gongyak(home, "register", str(register_workbook(home / "r.xlsx"))).returncode == 0
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "etl", "collect", str(return_workbook(home / "good.xlsx"))],
        env={**os.environ, "GONGYAK_HOME": str(home), "TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        told = _until_closed(ours).decode()
    assert process.returncode == 0
    assert re.search(r"점검.*━.* \d+%", told)
    assert "반영 | 묶음=2 파일=1 반영=1 보류=0" in told


def _until_closed(terminal: int) -> bytes:
    told = b""
    with suppress(OSError):  # so Linux says that nobody writes any more
        while more := os.read(terminal, 4096):
            told += more
    os.close(terminal)
    return told


@pytest.mark.slow
def test_a_quarter_from_the_shell(home: Path) -> None:
    """Register, invite, check, collect, status, report, figures, sql: each does its part."""
    register = gongyak(home, "register", str(register_workbook(home / "register.xlsx")))
    assert register.returncode == 0, register.stderr
    invited = gongyak(home, "invite", "2021Q4", "--cards")
    assert invited.returncode == 0, invited.stderr
    folder = home / "outbox" / "2021Q4" / GOVERNMENT
    assert len(list(folder.glob("*.xlsx"))) == 3  # D01, D02 and D03 each owe one
    assert len(list(folder.glob("cards/*/*.hwpx"))) == 4  # one per pledge
    assert "관리카드 4개" in invited.stdout

    good = return_workbook(home / "good.xlsx", budget=[{"2021 확보액": 10, "2021 집행액": 3}])
    bad = return_workbook(home / "bad.xlsx", department="D02",
                          progress=[{"공약번호": "2-1", "이행률(%)": 120}])  # fmt: skip
    checked = gongyak(home, "check", str(good), str(bad), "--json")
    assert checked.returncode == 1
    blocking = [f for f in json.loads(checked.stdout) if f["level"] == "block_pledge"]
    assert [(f["file"], f["rule_id"], f["sheet"], f["cell"], f["pledge_id"]) for f in blocking] == [
        ("bad.xlsx", "P-07", "공약현황", "D3", "2-1")
    ]
    assert gongyak(home, "check", str(good)).returncode == 0

    collected = gongyak(home, "collect", str(good), str(bad))
    assert collected.returncode == 0, collected.stderr
    assert "반영 1공약" in collected.stdout
    states = json.loads(gongyak(home, "status", "2021Q4", "--json").stdout)
    assert [(s["department_code"], s["state"]) for s in states] == [
        ("D01", "late"), ("D02", "blocked"), ("D03", "missing"),
    ]  # fmt: skip

    report = gongyak(home, "report", "2021Q4")
    assert report.returncode == 0, report.stderr
    assert (home / "outbox" / "reports" / GOVERNMENT / "2021Q4" / "취합.xlsx").exists()

    figures = gongyak(home, "figures", "2021Q4", "--code", "B5", "--scope", "all", "--json")
    (b5,) = json.loads(figures.stdout)
    # 3 백만원 of 10 are executed: 30.0 %; numbers come as strings.
    assert (b5["numerator"], b5["denominator"], b5["shown"]) == ("3000000", "10000000", "30.0")
    answer = gongyak(home, "sql", "SELECT pledge_id FROM mart.pledge_status ORDER BY 1", "--csv")
    assert answer.stdout.split() == ["pledge_id", "1-1", "1-2", "2-1", "2-2"]


@pytest.mark.slow
def test_a_quarter_beside_earlier_ones_and_why_its_denominator_changed(home: Path) -> None:
    changes = [{"공약번호": "2-2", "일자": "2021-11-01", "구분": "통합", "변경후": "2-1"}]
    register = register_workbook(home / "r.xlsx", changes=changes)
    assert run("register", str(register)).code == 0
    again = run("register", str(register))
    assert (again.code, again.out.strip()) == (
        0, "이미 불러온 공약대장과 같은 파일입니다. 바뀐 것이 없습니다.",
    )  # fmt: skip
    for quarter, rate in (("2021Q3", 40), ("2021Q4", 65)):
        lines = [{"이행률(%)": rate}]
        path = return_workbook(home / f"{quarter}.xlsx", quarter=quarter, progress=lines)
        assert run("collect", str(path)).code == 0
    asked = ("figures", "2021Q4", "--code", "R1", "--scope", "all")
    (r1,) = json.loads(run(*asked, "--compare", "--json").out)
    assert (r1["previous_value_pct"], r1["change_pp"], r1["no_change_reason"]) == ("40", "25", None)
    assert r1["year_ago_change_pp"] is None
    assert r1["year_ago_no_change_reason"] == "견줄 분기에 효력 있는 보고가 없습니다"
    assert r1["is_small_denominator"] is True  # one pledge has a rate
    (plain,) = json.loads(run(*asked, "--json").out)
    assert r1.items() >= plain.items()
    assert "change_pp" not in plain
    shown = run(*asked, "--compare").out
    assert "+25.0" in shown
    assert "분모가 작음" in shown
    report = run("report", "2021Q4")
    assert "분모 4 → 3: 공약 2-2 빠짐, 통합 2-1 (2021-11-01, 공약이행평가단)" in report.out


@pytest.mark.slow
def test_every_government_in_one_table(home: Path) -> None:
    for code, rate in ((GOVERNMENT, 40), ("3200000", 55)):
        register = register_workbook(home / f"{code}.xlsx", government={"기관코드": code})
        assert run("register", str(register)).code == 0
        path = return_workbook(
            home / f"return_{code}.xlsx", progress=[{"이행률(%)": rate}], form={"government": code}
        )
        assert run("collect", str(path)).code == 0
    asked = ("--code", "R1", "--scope", "all", "--all-governments")
    found = json.loads(run("figures", "2021Q4", *asked, "--json").out)
    assert {r["government_id"]: r["shown"] for r in found} == {
        GOVERNMENT: "40.0",
        "3200000": "55.0",
    }
    shown = run("figures", "2021Q4", *asked).out
    assert "기관" in shown.splitlines()[2]
    nowhere = run("figures", "2031Q4", *asked)
    assert (nowhere.code, nowhere.err.count("2031Q4를 모릅니다")) == (2, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("figures", "2021Q5"),
        ("trace", "2021Q4"),
        ("trace", "2021Q4", "R1", "--cell", "a.xlsx:공약현황!D3"),
        ("trace", "2021Q4", "R1"),
        ("collect", "no-such-file.xlsx"),
        ("register", "no-such-file.xlsx"),
        ("invite", "2021Q4"),
        ("withdraw", "99", "--by", "총괄부서", "--reason", "시험"),
        ("sql", "DELETE FROM mart.pledge_status"),
        ("sql", "SELECT * FROM restricted.contact"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_ends_in_one_line(
    home: Path,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["gongyak", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert "Traceback" not in told.err
    assert "않았습니다" in told.err or "그대로입니다" in told.err
