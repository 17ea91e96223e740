"""The DAGs: what every one must be, and one small quarter run through them for real."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl import alerts, pipeline
from etl.quarter import parse_moment
from etl.settings import settings
from etl.warehouse import transaction
from tests.airflow_process import Airflow, airflow_at
from tests.card_documents import card_file
from tests.conftest import fresh_home
from tests.factories import GOVERNMENT, WINDOWS, register_workbook, return_workbook

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "dags").glob("*.py"))
DAG_IDS = {
    "open_quarter", "collect_submissions", "report_quarter", "recheck_quarter", "release_quarter",
    "keep_house", "check_backup", "load_register", "waive_rule", "withdraw_submission",
    "verify_release", "retract_release",
}  # fmt: skip
BY_HAND = {
    "recheck_quarter", "release_quarter", "load_register", "waive_rule", "withdraw_submission",
    "verify_release", "retract_release",
}  # fmt: skip
# One government's approval does not keep another's waiting.
WAITS_FOR_A_PERSON = {"release_quarter"}
CRON = {"check_backup": "0 12 * * 3"}
REPLAYS = {"open_quarter", "report_quarter"}
ALLOWED_IMPORTS = {
    "__future__", "typing", "airflow.sdk", "airflow.providers.standard.operators.hitl",
    "etl.bell", "etl.tasks",
}  # fmt: skip


@pytest.fixture(scope="module")
def airflow(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """A home with the register loaded, and Airflow on its embedded database."""
    with (
        fresh_home(server, tmp_path_factory.mktemp("dags") / "home") as home,
        airflow_at(home) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def bag(airflow: Airflow) -> dict[str, Any]:
    return airflow.ask(do="describe")


def states(result: dict[str, Any]) -> dict[str, set[str]]:
    """The states that each task's instances ended in."""
    found: dict[str, set[str]] = {}
    for instance in result["tasks"]:
        found.setdefault(instance["task"], set()).add(instance["state"])
    return found


def labels(result: dict[str, Any], task: str) -> set[str]:
    return {instance["label"] for instance in result["tasks"] if instance["task"] == task}


# --- what every DAG must be ----------------------------------------------------------------------


def test_all_dags_import_without_errors_or_deprecations(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert set(bag["dags"]) == DAG_IDS
    assert {path.stem for path in FILES} == DAG_IDS


def test_nothing_heavy_is_imported_when_a_dag_is_parsed(bag: dict[str, Any]) -> None:
    assert bag["heavy"] == []
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= ALLOWED_IMPORTS, path
            if isinstance(node, ast.ImportFrom):
                assert node.module in ALLOWED_IMPORTS, path
                # A task of ours opens the home first; Airflow's own would not.
                names = {alias.name for alias in node.names}
                assert node.module == "etl.tasks" or "task" not in names, path


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_a_dag_keeps_the_conventions(bag: dict[str, Any], dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    assert dag["catchup"] is False
    assert dag["red"] == "tell_red_run"
    assert dag["max_active_runs"] == (16 if dag_id in WAITS_FOR_A_PERSON else 1)
    if dag_id not in BY_HAND:
        assert CRON.get(dag_id, "0 9 * * *") in dag["cron"]
        assert dag["timezone"] == "Asia/Seoul"
    assert "공약" in dag["tags"]
    assert ("at" in dag["params"]) is (dag_id != "check_backup")  # a proof has no other moment
    assert all("null" in schema["type"] for schema in dag["params"].values())
    kind, again = ("재현(replay)", "Clear") if dag_id in REPLAYS else ("지금(now)", "Trigger")
    assert kind in dag["doc"]
    assert again in dag["doc"]
    assert "빨간색이면" in dag["doc"]


def _korean(told: str | None) -> bool:
    return bool(told and re.search("[가-힣]", told))


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_whatever_a_page_shows_is_korean(bag: dict[str, Any], dag_id: str) -> None:
    dag = bag["dags"][dag_id]
    shown = {"display": dag["display"], **dag["groups"]}
    shown |= {f"tag {tag}": tag for tag in dag["tags"]}
    for name, task in dag["tasks"].items():
        shown[name] = task["display"]
        shown |= {f"{name} {title}": s.get("title") for title, s in task["params"].items()}
    for name, schema in dag["params"].items():
        shown |= {f"{name} {part}": schema.get(part) for part in ("title", "description")}
    assert [name for name, told in shown.items() if not _korean(told)] == []


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_a_technical_failure_anywhere_turns_the_run_red(bag: dict[str, Any], dag_id: str) -> None:
    tasks = bag["dags"][dag_id]["tasks"]
    watcher = tasks["watcher"]
    assert watcher["rule"] == "one_failed"
    leaves = set(tasks) - {up for task in tasks.values() for up in task["upstream"]}
    assert leaves == {"watcher"}
    rules = {task["rule"] for name, task in tasks.items() if name != "watcher"}
    assert rules <= {"all_success", "none_failed"}  # the second runs where nobody is to be answered


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_only_an_outage_is_tried_again(bag: dict[str, Any], dag_id: str) -> None:
    for name, task in bag["dags"][dag_id]["tasks"].items():
        assert task["owner"] == "총괄부서"
        assert task["display"] != name
        if name == "watcher":
            assert task["retries"] == 0
            continue
        assert task["retries"] == 3
        assert task["decisions"] == {
            "OutageError": "retry",
            "SystemFault": "fail",
            "UsageError": "fail",
            "ValueError": "fail",
        }


def test_every_mapped_task_has_a_label(bag: dict[str, Any]) -> None:
    mapped = {
        name: task
        for dag in bag["dags"].values()
        for name, task in dag["tasks"].items()
        if task["is_mapped"]
    }
    assert set(mapped) >= {"answer", "department_status", "invite"}
    assert all(task["template"] == "{{ label }}" for task in mapped.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_label_is_set_in_the_first_line(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and "map_index_template" in "".join(
            ast.unparse(decorator) for decorator in node.decorator_list
        ):
            assert ast.unparse(node.body[1]).startswith("label("), node.name


@pytest.mark.parametrize("path", [*FILES, ROOT / "etl" / "tasks.py"], ids=lambda path: path.stem)
def test_no_dag_asks_airflow_for_the_day(path: Path) -> None:
    """Airflow's own dates are in UTC, where a quarter begins nine hours late."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    words |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words |= {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isascii()
    }
    forbidden = {"ds", "ds_nodash", "ts", "logical_date", "execution_date", "data_interval_start"}
    forbidden |= {"data_interval_end", "data_interval", "next_ds", "prev_ds"}
    assert not words & forbidden


@pytest.mark.slow
def test_one_task_imports_great_expectations() -> None:
    importing = [
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("etl/**/*.py"), *FILES]
        if any(
            "great_expectations" in ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
    ]
    assert all(name.startswith("etl/check") for name in importing)
    calling = [path.stem for path in FILES if "pipeline.check(" in path.read_text(encoding="utf-8")]
    assert calling == ["collect_submissions"]


# --- one small quarter, for real -----------------------------------------------------------------


def _figures() -> dict[str, tuple[Any, ...]]:
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT figure_code, numerator, denominator, shown FROM mart.implementation_rate"
                " WHERE quarter_id = '2021Q4' AND scope_type = 'all'"
            )
        )
        return {row[0]: tuple(row[1:]) for row in rows}


def _outbox() -> list[str]:
    folder = settings().outbox / "2021Q4" / GOVERNMENT
    return sorted(path.name for path in folder.glob("*.xlsx"))


def _cards() -> list[Path]:
    return [*(settings().outbox / "2021Q4" / GOVERNMENT).glob("cards/*/*.hwpx")]


@pytest.mark.slow
def test_a_quarter_goes_through_the_dags(airflow: Airflow) -> None:
    home = settings().home
    known = {*home.rglob("*")}  # written by this process, which has the umask of its user
    # The day before the window opens in Seoul, which is the same day in UTC: nothing to do.
    early = airflow.run("open_quarter", at="2021-12-19T23:59")
    assert early["state"] == "success"
    assert states(early)["open_windows"] == {"skipped"}
    assert early["note"] == "**결과** 할 일 없음: 오늘 새로 여는 제출 기간이 없습니다."
    assert "할 일 없음 | 오늘 새로 여는 제출 기간이 없습니다." in airflow.told()
    assert _outbox() == []

    # 00:01 in Seoul is still the day before in UTC.
    opened = airflow.run("open_quarter", at="2021-12-20T00:01", cards=True)
    assert opened["state"] == "success"
    assert labels(opened, "invite") == {f"2021Q4 {GOVERNMENT} · 양식 3 관리카드 4"}
    assert opened["note"] == "**결과** 양식 3, 관리카드 4"
    assert _outbox() == ["D01_가온과.xlsx", "D02_나래과.xlsx", "D03_다솜과.xlsx"]
    assert len(_cards()) == 4  # one per pledge
    assert "great_expectations" not in opened["imported"]

    inbox = settings().home / "inbox"
    inbox.mkdir()
    progress = [{"공약번호": "1-1", "이행률(%)": 70}, {"공약번호": "1-2", "이행률(%)": 50}]
    return_workbook(inbox / "가온과.xlsx", progress=progress)
    # A department may report with the card of a pledge: a Hangul document in the quarter's folder.
    card = {"pledge_id": "2-1", "pledge_name": "개울 되살리기", "department": "나래과"}
    card_file(inbox / "2021Q4" / "카드.hwpx", **card, rate="30%")
    (inbox / "깨진 파일.xlsx").write_bytes(b"PK not a workbook")

    # A broken file is a department's fault: stored, answered, and green.
    collected = airflow.run("collect_submissions", at="2022-01-05T10:00")
    assert collected["state"] == "success"
    assert labels(collected, "answer") == {
        "가온과 · 반영 2", "나래과 · 반영 1", "부서 미상 · 반려 1",
    }  # fmt: skip
    said = f"파일 3(반려 1): 공약 반영 3, 보류 0 → {GOVERNMENT} 2021Q4 R1 50.0"
    assert collected["note"] == f"**결과** {said}"
    assert states(collected)["watcher"] == {"skipped"}

    again = airflow.run("collect_submissions", at="2022-01-05T11:00")
    assert again["state"] == "success"
    assert states(again)["receive"] == {"skipped"}
    assert set().union(*states(again).values()) == {"skipped"}

    # R1 = (70 + 50 + 30) / 3 reported = 50.0; R2 counts all 4 pledges, none completed: 0.00.
    reported = airflow.run("report_quarter", at="2022-01-11T09:00")
    assert reported["state"] == "success"
    assert labels(reported, "department_status") == {
        "가온과 · 제출 1", "나래과 · 제출 1", "다솜과 · 미제출 1",
    }  # fmt: skip
    assert labels(reported, "close.refresh") == {f"2021Q4 {GOVERNMENT} · R1 50.0"}
    assert labels(reported, "close.report") == {f"2021Q4 {GOVERNMENT} · 미제출 1 제출 2"}
    told = f"2021Q4 {GOVERNMENT}: R1 50.0, 부서 미제출 1 제출 2"
    assert reported["note"] == f"**결과** {told}"
    figures = _figures()
    assert figures["R1"] == (150, 3, "50.0")
    assert figures["R2"] == (0, 4, "0.00")
    drafts = settings().outbox / "reports" / GOVERNMENT / "2021Q4"
    assert [path.name for path in drafts.iterdir()] == ["취합.xlsx"]
    assert not settings().published.exists(), "nobody has approved anything"

    written = [
        home,
        *(p for part in ("outbox", "archive", "published") for p in (home / part).rglob("*")),
    ]
    assert [p for p in written if p not in known and p.stat().st_mode & 0o077] == []

    # By parameter, and again: the same figures.
    repeated = airflow.run("report_quarter", quarter="2021Q4", at="2022-01-11T09:00")
    assert repeated["state"] == "success"
    assert _figures() == figures


@pytest.mark.slow
def test_our_own_fault_turns_the_run_red_without_another_try(airflow: Airflow) -> None:
    failed = airflow.run("report_quarter", fault="refresh", quarter="2021Q4", at="2022-01-11T09:00")
    assert failed["state"] == "failed"
    ended = states(failed)
    assert ended["close.refresh"] == {"failed"}
    assert ended["close.report"] == {"upstream_failed"}
    assert ended["department_status"] == {"success"}
    assert ended["watcher"] == {"failed"}
    assert {i["tries"] for i in failed["tasks"] if i["task"] == "close.refresh"} == {1}
    # Behind the traceback: what happened, what is safe, what to do, what to press.
    told = airflow.told()
    last = told[told.rindex("SystemFault: 시험용 고장") :]
    begun = told.rindex("::group::관리자가", 0, told.rindex("SystemFault: 시험용 고장"))
    assert "멈춤 | " not in told[begun : told.index("::endgroup::", begun)]
    assert failed["note"] == "**결과** 멈춤: 시험용 고장입니다."
    lines = [line.split("멈춤 | ")[1] for line in last.splitlines() if "멈춤 | " in line]
    happened = ["시험용 고장입니다.", "아무것도 바뀌지 않았습니다.", "그대로 두십시오."]
    assert [line.split(" [gongyak]")[0].strip() for line in lines[:4]] == [
        *happened, "그 뒤 누를 것: 이 단계의 지우기(Clear): 같은 것을 다시 계산합니다.",
    ]  # fmt: skip
    # Two tasks failed, and one alert tells of the run: here nobody is configured to get it.
    noted = alerts.noted()["red_run/report_quarter"]
    assert (noted.repeated, noted.alert.quarter, noted.owed) == (0, "2021Q4", ())
    assert "/dags/report_quarter/runs/" in noted.alert.link
    assert "받을 곳이 정해지지 않아 보내지 않음: [공약] report_quarter" in told


@pytest.mark.slow
def test_a_quarter_is_checked_again_on_demand(airflow: Airflow) -> None:
    again = airflow.run("recheck_quarter", quarter="2021Q4", at="2022-01-12T09:00")
    assert again["state"] == "success"
    assert labels(again, "recheck") == {f"2021Q4 {GOVERNMENT} · 파일 2"}
    nothing_asked = airflow.run("recheck_quarter", at="2022-01-12T09:00")
    assert nothing_asked["state"] == "failed"


def _decisions() -> list[tuple[Any, ...]]:
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT revision, decision, decided_by, reason, as_of::date::text, is_demo"
                " FROM audit.release ORDER BY release_id"
            )
        )
        return [tuple(row) for row in rows]


@pytest.mark.slow
def test_a_release_waits_for_a_person(airflow: Airflow) -> None:
    # 다솜과 has not reported: said in the log, nobody is asked, green.
    blocked = airflow.run("release_quarter", quarter="2021Q4", at="2022-01-12T09:00")
    assert blocked["state"] == "success"
    assert states(blocked)["approval"] == {"skipped"}
    assert "gongyak waive M-05 --department D03" in airflow.log.read_text(encoding="utf-8")
    assert "**결과**" in blocked["note"]
    assert "/dags/waive_rule 에서 트리거를 눌러 규칙 M-05" in blocked["note"]
    nobody = airflow.run("release_quarter", quarter="2021Q4", approver="7", at="2022-01-12T09:00")
    assert states(nobody)["approval"] == {"skipped"}
    pipeline.waive(
        pipeline.Waiver(
            GOVERNMENT, "M-05", "D03", None, "2021Q4", "2021Q4", date(2022, 1, 31), "과장", "공석"
        ),
        at=parse_moment("2022-01-12T10:00"),
    )

    asked = {"quarter": "2021Q4", "at": "2022-01-13T09:00"}
    back = airflow.run("release_quarter", answer=("돌려보냄", "2-1을 확인할 것"), **asked)
    assert back["state"] == "success"
    subject, body = back["asked"]
    assert subject == "가람구 2021Q4 지표를 발표합니까?"
    assert f"/gongyak/?government={GOVERNMENT}&quarter=2021Q4)" in body
    assert "| R1 | 평균 이행률 | 50.0 |" in body
    assert "다솜과 2-2(예외 1: 공석)" in body
    approved = airflow.run("release_quarter", answer=("승인", "결재 제1호"), **asked)
    assert approved["state"] == "success"
    person = "기획예산과장"
    assert _decisions() == [
        (None, "returned", person, "2-1을 확인할 것", "2022-01-13", False),
        (1, "approved", person, "결재 제1호", "2022-01-13", False),
    ]
    published = settings().published / GOVERNMENT / "2021Q4" / "r1"
    assert sorted(path.name for path in published.iterdir()) == sorted(
        ["data", "json", "변동.html", "보고서.html", "보고서.hwpx", "취합.xlsx"]
    )

    again = airflow.run("release_quarter", **asked)
    assert states(again)["approval"] == {"skipped"}
    assert len(_decisions()) == 2


def test_an_approval_has_no_default_and_no_deadline() -> None:
    (operator,) = (
        node
        for node in ast.walk(ast.parse((ROOT / "dags/release_quarter.py").read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "HITLOperator"
    )
    given = {keyword.arg for keyword in operator.keywords}
    assert {"options", "params"} <= given
    assert not given & {"defaults", "response_timeout", "execution_timeout"}


@pytest.mark.slow
def test_an_unknown_government_is_refused_not_guessed(airflow: Airflow) -> None:
    failed = airflow.run("report_quarter", quarter="2021Q4", government="1", at="2022-01-11T09:00")
    assert failed["state"] == "failed"
    assert states(failed)["targets"] == {"failed"}


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_the_forms_take_every_kind_of_period_and_only_days_of_the_calendar(
    bag: dict[str, Any], dag_id: str
) -> None:
    forms = bag["dags"][dag_id]["params"]
    asked = {"waive_rule": ("first", "last")}.get(dag_id, ("quarter",))
    for name in set(asked) & set(forms):
        taken = {one for one in ("2021Q4", "2021H1", "2021-11", "2021-12-06", "2024-02-29",
                                 "2021-02-30", "2021-13", "2023-02-29", "2021Q5")
                 if re.match(forms[name]["pattern"], one)}  # fmt: skip
        assert taken == {"2021Q4", "2021H1", "2021-11", "2021-12-06", "2024-02-29"}


@pytest.mark.slow
@pytest.mark.parametrize("quarter", ["2021-10", "2021-12-31"])
def test_a_period_that_the_calendar_does_not_name_is_refused(
    airflow: Airflow, quarter: str
) -> None:
    failed = airflow.run("report_quarter", quarter=quarter, at="2022-01-11T09:00")
    assert (failed["state"], states(failed)["targets"]) == ("failed", {"failed"})
    assert f"멈춤 | 기간 {quarter}을 모릅니다." in airflow.told()
    assert "공약대장의 제출일정에 적고" in airflow.told()


@pytest.mark.slow
def test_a_fault_on_one_file_ends_the_run_red_after_all_others(airflow: Airflow) -> None:
    inbox = settings().home / "inbox"
    return_workbook(inbox / "나래과.xlsx", department="D02", progress=[{"공약번호": "2-1"}])
    return_workbook(inbox / "다솜과.xlsx", department="D03", progress=[{"공약번호": "2-2"}])
    with transaction() as connection:  # a fault of ours that only a verdict on 2-2 meets
        connection.exec_driver_sql(
            "CREATE FUNCTION audit.fails() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.pledge_id = '2-2' THEN RAISE division_by_zero; END IF;"
            " RETURN NEW; END $$;"
            "CREATE TRIGGER fails BEFORE INSERT ON audit.pledge_verdict"
            " FOR EACH ROW EXECUTE FUNCTION audit.fails()"
        )
    failed = airflow.run("collect_submissions", at="2022-01-14T10:00")
    ended = states(failed)
    assert (failed["state"], ended["set_aside"], ended["watcher"]) == (
        "failed", {"failed"}, {"failed"},
    )  # fmt: skip
    stages = ("receive", "read", "check", "load", "answer", "refresh_batch")
    assert set().union(*(ended[stage] for stage in stages)) == {"success"}
    assert labels(failed, "answer") == {"나래과 · 사유 필요 1"}, (
        "the sender of the other is told nothing"
    )
    with transaction() as connection:
        connection.exec_driver_sql("DROP FUNCTION audit.fails CASCADE")
    mended = airflow.run("collect_submissions", at="2022-01-15T10:00")
    assert (mended["state"], labels(mended, "answer")) == ("success", {"다솜과 · 반영 1"})


def _waivers() -> list[tuple[Any, ...]]:
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT waiver_id, rule_id, department_code, approver, reason,"
                " superseded_at = 'infinity' FROM audit.waiver ORDER BY waiver_id DESC LIMIT 1"
            )
        )
        return [tuple(row) for row in rows]


@pytest.mark.slow
def test_what_an_office_decides_has_a_form(airflow: Airflow) -> None:
    """A register, a waiver and its end, a proof, a withdrawal; each by hand, with its reason."""
    register = str(settings().home / "register.xlsx")
    loaded = airflow.run("load_register", file=register, at="2022-01-16T09:00")
    assert loaded["state"] == "success"
    assert "이미 불러온 파일과 같아 바뀐 것이 없습니다" in airflow.told()

    blank = airflow.run("waive_rule", at="2022-01-16T10:00")
    assert blank["state"] == "failed"
    assert "멈춤 | 적지 않은 칸: 규칙, 시작 분기, 만료일, 까닭." in airflow.told()
    asked = {"rule": "B-12", "department": "D02", "first": "2021Q4", "expires": "2022-12-31"}
    waived = airflow.run(
        "waive_rule", **asked, by="총괄과장", reason="결재 제2호", at="2022-01-16T11:00"
    )
    assert waived["state"] == "success"
    ((number, *told),) = _waivers()
    assert told == ["B-12", "D02", "총괄과장", "결재 제2호", True]
    ended = airflow.run("waive_rule", end=number, reason="끝남", at="2022-01-16T12:00")
    assert ended["state"] == "success"
    assert _waivers() == [(number, "B-12", "D02", "총괄과장", "결재 제2호", False)]

    proved = airflow.run("verify_release", quarter="2021Q4", at="2022-01-16T13:00")
    assert proved["state"] == "success"
    assert "근거" in (line := airflow.told().rsplit("검증 | 2021Q4 1차: ", 1)[1].split("\n")[0])
    assert "모두 같습니다" in line

    with transaction() as connection:
        (newest,) = connection.execute(
            text("SELECT max(submission_id) FROM audit.submission WHERE file_name = '다솜과.xlsx'")
        ).scalars()
    gone = airflow.run(
        "withdraw_submission", submission=newest, reason="다른 해의 것", at="2022-01-16T14:00"
    )
    assert gone["state"] == "success"
    assert f"철회 | 접수 {newest}: 거둔 보고 1, 되살린 보고 0" in airflow.told()


@pytest.mark.slow
def test_a_half_year_goes_through_the_dags(airflow: Airflow) -> None:
    """Worked out by hand: R1 = (40 + 20 + 30 + 80) / 4 = 42.5, all four reported."""
    home = settings().home
    window = {"분기": "2021H1", "시작일": "2022-01-16", "마감일": "2022-01-31"}
    book = register_workbook(home / "반기.xlsx", windows=(*WINDOWS, window))
    pipeline.register(str(book), at=parse_moment("2022-01-17T09:00"))
    rates = {"D01": {"1-1": 40, "1-2": 20}, "D02": {"2-1": 30}, "D03": {"2-2": 80}}
    for department, told in rates.items():
        due = {"2-1": {"완료시기": "임기후", "완료연도": 2024}}
        progress = [{"공약번호": one, "이행률(%)": rate, **due.get(one, {})}
                    for one, rate in told.items()]  # fmt: skip
        return_workbook(home / "inbox" / f"2021년 상반기 {department}.xlsx", quarter="2021H1",
                        department=department, progress=progress)  # fmt: skip
    collected = airflow.run("collect_submissions", at="2022-01-17T10:00")
    assert collected["state"] == "success"
    assert "2021H1 R1 42.5" in collected["note"]

    asked = {"quarter": "2021H1", "at": "2022-01-18T09:00"}
    reported = airflow.run("report_quarter", **asked)
    assert reported["state"] == "success"
    assert labels(reported, "close.refresh") == {f"2021H1 {GOVERNMENT} · R1 42.5"}
    assert labels(reported, "close.report") == {f"2021H1 {GOVERNMENT} · 제출 3"}
    approved = airflow.run("release_quarter", answer=("승인", "결재 제3호"), **asked)
    assert approved["state"] == "success"
    assert approved["asked"][0] == "가람구 2021H1 지표를 발표합니까?"
    assert (settings().published / GOVERNMENT / "2021H1" / "r1" / "보고서.html").exists()
    proved = airflow.run("verify_release", **asked)
    assert proved["state"] == "success"


@pytest.mark.slow
def test_the_house_is_kept(airflow: Airflow) -> None:
    kept = airflow.run("keep_house", at="2022-01-08T09:00")
    assert kept["state"] == "success"
    assert {name: states(kept)[name] for name in ("reminders", "alarm")} == {
        "reminders": {"success"}, "alarm": {"success"},
    }  # fmt: skip
    (manifest,) = (settings().home / "backup").glob("*/manifest.json")
    assert manifest.parent.name == "2022-01-08"
    proved = airflow.run("check_backup")
    assert proved["state"] == "success"
    assert "2022-01-08 백업이 되살아남" in proved["note"]
    assert [*settings().home.glob("restore-check-*")] == []


@pytest.mark.slow
def test_task_logs_are_korean_and_quiet(airflow: Airflow) -> None:
    told = airflow.log.read_text(encoding="utf-8")
    for stage in (
        "배포",
        "접수",
        "읽기",
        "점검",
        "반영",
        "회신",
        "지표",
        "보고",
        "현황",
        "발표",
        "백업",
    ):
        assert f"{stage} | " in told, stage
    ours = told[told.index("배포 | ") :]
    for library in ("great_expectations", "alembic", "sqlalchemy"):
        assert f"[{library}" not in ours, library
