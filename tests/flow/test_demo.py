"""The demo as a whole, Airflow included: the published rates, the worked-out ones, and once more."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from etl import service
from etl.demo import run_demo
from etl.settings import alone_in, another_home, settings
from etl.warehouse import transaction
from tests.doc_blocks import ROOT, blocks, commands, cut

# 가람구 2021Q4, from samples/garam.yml. In force: 마을자치과, 푸른환경과 (the corrected file) and
# 문화도서관과 (late) of the quarter; 길교통과 and 돌봄복지과 of 2021Q3; 1-3 of 2021Q2. 백만원.
# rates 90 80 100 | 75 20 | 87 95 20 | 70 65 50 | 60 100 = 912
# secured 16,670.5, asked for 1,650, before the term 50, after it 7,500: plan 25,870.5
# executed 11,571; secured up to 2021 12,810.5; of 2021: executed 5,250.5 of 6,190.5
BY_HAND = {
    "R1": "70.2",  # 912 / 13
    "R2": "15.38",  # 1-3 and 5-2: 2 / 13
    "R3": "61.54",  # 8 / 13
    "R4": "76.9",  # 10 / 13
    "B1": "64.63",  # (16,670.5 + 50) / 25,870.5
    "B2": "90.99",  # 16,670.5 / 18,320.5
    "B3": "63.16",  # 11,571 / 18,320.5
    "B4": "44.7",  # 11,571 / 25,870.5
    "B5": "90.3",  # 11,571 / 12,810.5
    "B5_VOTED": "69.4",  # 11,571 / 16,670.5
    "B6": "84.8",  # 5,250.5 / 6,190.5
}


def _run() -> tuple[int, str]:
    printed = io.StringIO()
    return run_demo(Console(file=printed, width=80)), printed.getvalue()


def _shown(government_id: str) -> dict[str, str]:
    with transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT figure_code, shown FROM mart.implementation_rate"
                " WHERE government_id = :g AND quarter_id = '2021Q4' AND scope_type = 'all'"
                " UNION ALL SELECT figure_code, shown FROM mart.budget_execution"
                " WHERE government_id = :g AND quarter_id = '2021Q4' AND scope_type = 'all'"
            ),
            {"g": government_id},
        )
        return {row.figure_code: row.shown for row in rows}


def _shown_in_readme() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {c: shown for block in blocks(readme) for c, shown in commands(block.body)}
    return told["make demo"]


@pytest.mark.slow
def test_the_demo_meets_the_published_rates_and_repeats(empty_home: Path) -> None:
    home = empty_home / "demo"
    code, first = _run()
    assert code == 0
    assert first.splitlines()[-1] == f"  export GONGYAK_HOME={home}"
    # Nothing lies in the office's own home, and nothing changed for what comes after.
    assert [path.name for path in empty_home.iterdir()] == ["demo"]
    assert settings().home == empty_home
    assert first.count("일치") == 13
    assert cut(first, _shown_in_readme()) == _shown_in_readme(), "make docs"
    with another_home(alone_in(home)):
        figures = _shown("3990000")
        # A demo within the demo is the same one.
        assert service.demo_home() == home
    assert {code: figures[code] for code in BY_HAND} == BY_HAND
    # Two collected for report_quarter, and those of the three releases that are marked as a demo.
    for folder, count in (("published", 3), ("outbox", 2)):
        assert len(list((home / folder).rglob("취합.xlsx"))) == count
    assert "보령시 2021Q4 1차 (시연" in first
    code, second = _run()
    assert code == 0
    kept = [line for line in second.splitlines() if "모두 이미 받은" not in line]
    assert kept == first.splitlines()
    assert service.down()
    assert not (home / "pg" / "postmaster.pid").exists()
    assert not service.down()


def test_the_demo_leaves_a_configured_server_and_its_folders_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGYAK_HOME", str(tmp_path))
    monkeypatch.setenv("GONGYAK_DATABASE_URL", "postgresql://office.invalid/warehouse")
    monkeypatch.setenv("GONGYAK_INBOX_URL", "s3://office/inbox")
    monkeypatch.delenv("GONGYAK_ARCHIVE_URL", raising=False)
    settings.cache_clear()
    told = alone_in(service.demo_home())
    assert told == {
        "GONGYAK_HOME": str(tmp_path / "demo"),
        "GONGYAK_DATABASE_URL": "",
        "GONGYAK_INBOX_URL": "",
    }
    with another_home(told):
        assert not settings().database_url
        assert settings().inboxes == [str(tmp_path / "demo" / "inbox")]
        assert settings().archive == str(tmp_path / "demo" / "archive")
    assert settings().inboxes == ["s3://office/inbox"]
    settings.cache_clear()
