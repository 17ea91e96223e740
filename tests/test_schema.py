"""The schema: tables by migrations, functions and views from their files whenever these change."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from etl import pipeline, warehouse
from etl.problems import UsageError
from etl.quarter import SEOUL
from etl.warehouse import analyst_query, transaction
from tests.earlier_schema import back_to
from tests.factories import return_workbook

SQL = Path(__file__).parent.parent / "sql"
OBJECTS = sorted([*SQL.glob("functions/*.sql"), *SQL.glob("views/*/*.sql")])


def _change(*statements: str) -> None:
    """Make the warehouse one that an earlier release left: its text was another."""
    with transaction() as connection:
        for statement in (*statements, "UPDATE audit.schema_content SET content_hash = 'old'"):
            connection.execute(text(statement))


def _rows(query: str) -> list[tuple[object, ...]]:
    with transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_the_tables_that_may_be_spread_by_government_are_those_of_the_page(home: Path) -> None:
    """docs/cluster.md names the tables whose key has the government, and no others."""
    found = _rows(
        "SELECT key.table_schema || '.' || key.table_name"
        " FROM information_schema.table_constraints AS key"
        " INNER JOIN information_schema.key_column_usage AS part"
        " USING (constraint_schema, constraint_name)"
        " WHERE key.constraint_type = 'PRIMARY KEY' AND part.column_name = 'government_id'"
    )
    page = (SQL.parent / "docs" / "cluster.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"\*\*Spread as they are\*\* .*?: (.*?)\. The marts", page)
    assert re.findall(r"`([\w.]+)`", told) == sorted(str(name) for (name,) in found)


def test_a_server_asks_after_a_machine_that_says_nothing(home: Path) -> None:
    """By TCP alone: the setting stands in what each session is begun with."""
    with warehouse.engine().connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()["options"]  # type: ignore[union-attr]
    assert "-c tcp_keepalives_idle=60" in told
    assert _rows("SHOW timezone") == [("Asia/Seoul",)]


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_a_file_makes_the_one_object_that_it_is_named_after(path: Path) -> None:
    made = re.findall(
        r"^CREATE (FUNCTION|VIEW) (\w+)\.(\w+)", path.read_text("utf-8"), re.MULTILINE
    )
    kind, schema = (
        ("FUNCTION", "core") if path.parent.name == "functions" else ("VIEW", path.parent.name)
    )
    assert made == [(kind, schema, path.stem)]


def test_a_migration_makes_neither_functions_nor_views() -> None:
    for path in SQL.glob("migrations/versions/*.sql"):
        assert not re.search(r"CREATE\b.*\b(FUNCTION|VIEW)\b", path.read_text("utf-8")), path


@pytest.mark.slow
def test_an_upgrade_writes_functions_and_views_anew_and_keeps_the_data(world: Path) -> None:
    line = {"2021 확보액": 10, "2021 집행액": 3}
    assert pipeline.collect([str(return_workbook(world / "a.xlsx", budget=[line]))]).accepted == 1
    kept = "SELECT plan_krw, executed_krw, _row FROM core.fct_quarterly_budget ORDER BY 1, 3"
    before = _rows(kept)
    assert (10_000_000, 3_000_000, 3) in before
    _change(
        "CREATE OR REPLACE FUNCTION core.shown_million(amount_krw numeric) RETURNS text"
        " LANGUAGE sql IMMUTABLE AS 'SELECT ''old'''",
        "CREATE VIEW mart.gone AS SELECT * FROM mart.release",
        "DROP VIEW mart.code",
    )
    assert warehouse.migrate()
    assert _rows(kept) == before
    assert _rows("SELECT core.shown_million(1500000)") == [("1.5",)]
    assert _rows("SELECT to_regclass('mart.gone')") == [(None,)]
    _, named = analyst_query("SELECT name FROM mart.code WHERE code = 'ON_TRACK'")
    assert named == [("정상추진",)]
    _, told = analyst_query(
        "SELECT count(*) FROM mart.data_dictionary WHERE COALESCE(table_comment, '') = ''"
    )
    assert told == [(0,)]
    assert not warehouse.migrate()


@pytest.mark.slow
def test_a_judgement_of_before_holds_from_when_its_file_was_checked(world: Path) -> None:
    """An upgrade from 0015, which knew no versions of a judgement: then checked, else received."""
    at = datetime(2022, 1, 5, 10, 0, tzinfo=SEOUL)
    half = return_workbook(world / "a.xlsx", progress=[{"추진상황": "완료", "이행률(%)": 50}])
    pipeline.collect([str(half)], at=at)
    tables = ("audit.finding", "audit.pledge_verdict")
    judged = " UNION ALL ".join(
        f"SELECT recorded_at, superseded_at = 'infinity' FROM {t}" for t in tables
    )
    before = _rows(judged)
    assert len(before) > 1
    _change(*back_to("0015"))
    assert warehouse.migrate()
    assert _rows(judged) == before
    assert set(before) == {(at, True)}


@pytest.mark.slow
def test_the_rows_of_before_are_told_their_names(world: Path) -> None:
    """An upgrade over 0025: what it writes is what a refresh writes."""
    line = {"2021 확보액": 10, "2021 집행액": 3}
    assert pipeline.collect([str(return_workbook(world / "a.xlsx", budget=[line]))]).accepted == 1
    marts = ("computed_quarter", "pledge_status", "pledge_budget", "missing_report",
             "status_count", "implementation_rate", "budget_execution")  # fmt: skip
    asked = [f"SELECT CAST(told AS text) FROM mart.{mart} AS told ORDER BY 1" for mart in marts]
    before = [_rows(query) for query in asked]
    assert all(before)
    _change(*back_to("0024"))
    assert warehouse.migrate()
    assert [_rows(query) for query in asked] == before


# Who else asks for findings or verdicts must say of when: those in force, or those of a moment.
_READ = re.compile(r"(?:FROM|JOIN)\s+audit\.(finding|pledge_verdict)\b(?:\s+AS\s+(\w+))?")


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(SQL.glob("*/**/*.sql"))
     if p.parent.name != "versions" and _READ.search(p.read_text("utf-8"))],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_a_reader_of_findings_or_verdicts_says_of_when(path: Path) -> None:
    content = path.read_text("utf-8")
    for table, alias in _READ.findall(content):
        assert f"{alias or table}.superseded_at" in content


def test_a_warehouse_of_another_release_is_named_and_left_as_it_is(world: Path) -> None:
    _change("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(UsageError, match=r"스키마 판\(0099\)을 모릅니다.*바뀌지 않았습니다"):
        warehouse.migrate()
    assert _rows("SELECT content_hash FROM audit.schema_content") == [("old",)]


def test_a_view_of_the_office_on_ours_is_named_and_nothing_is_dropped(world: Path) -> None:
    _change("CREATE SCHEMA office", "CREATE VIEW office.mine AS SELECT * FROM mart.finding_trend")
    with pytest.raises(UsageError, match=r"office\.mine.*자료는 그대로입니다"):
        warehouse.migrate()
    assert _rows("SELECT count(*) FROM office.mine") == [(0,)]
