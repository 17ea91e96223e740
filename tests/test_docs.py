"""What README.md and docs/*.md show is true: every block runs and prints what stands there.

`make docs` writes the outputs and docs/commands.md anew; what it wrote is then read as a diff.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas
import pytest
import yaml
from PIL import Image
from rich.console import Console

from etl import pipeline, service, warehouse
from etl.demo import run_demo
from etl.measures import measures
from etl.warehouse import dictionary
from tests import command_page
from tests.conftest import Beginnings
from tests.doc_blocks import INFOS, PAGES, ROOT, RUN, UNRUN, Block, Player, blocks, commands, cut
from tests.joins import marts_joined
from tests.test_floors import FLOORS


@pytest.fixture
def judge() -> None:
    """Great Expectations itself: what stands in the pages is what an office sees."""


TEXTS = {path.name: path.read_text(encoding="utf-8") for path in PAGES}
BLOCKS = [(name, block) for name, text in TEXTS.items() for block in blocks(text)]
# Shown and not run, with the reason.
_ON_A_SERVER = (
    "make env",
    "sudo chown -R 1000 secrets var",
    "docker compose build",
    "docker compose up --detach --wait",
    "sudo cat secrets/airflow_admin_password",
    "docker compose exec scheduler gongyak register /var/lib/gongyak/inbox/공약대장.xlsx",
    "docker compose down --volumes",
    "sudo mv var lost && sudo install -d -o 1000 -g 1000 -m 700 var && sudo cp -a lost/backup var/",
    "docker compose run --rm databases",
    "docker compose run --rm --no-deps scheduler gongyak restore /var/lib/gongyak/backup",
)
_WITH_AIRFLOW = (
    "cat keys.json",
    "gongyak airflow connections import keys.json && rm keys.json",
    "sudo install -o 1000 -g 1000 -m 600 keys.json var/ && rm keys.json",
    "docker compose exec scheduler gongyak airflow connections import /var/lib/gongyak/keys.json",
    "sudo rm var/keys.json",
)
_ON_MANY_MACHINES = (
    "make env",
    "sudo chown -R 1000 secrets var",
    "docker compose build",
    "docker compose up --detach --wait --scale worker=4",
    "docker compose exec scheduler airflow connections add bucketeer --conn-type generic …",
    "docker compose up --detach --no-deps worker",
    "helm repo add apache-airflow https://airflow.apache.org",
    "helm install gongyak apache-airflow/airflow --values deploy/helm-values.yml --values ours.yml",
)
NOT_RUN = {
    ("README.md", "make test"): "it is what runs this test",
    **{("operating.md", command): ".ci/containers does it" for command in _ON_A_SERVER},
    **{("operating.md", one): "it takes Airflow's own database" for one in _WITH_AIRFLOW},
    **{("cluster.md", one): "it takes many machines" for one in _ON_MANY_MACHINES},
}
PLAYED = sorted({name for name, block in BLOCKS if block.info in RUN})
NAME = re.compile(r"`([A-Za-z_]\w*)`")
SAID = "demo.out"


def _closed(_environment: object, dag_id: str, conf: dict[str, str]) -> service.DagResult:
    """Do what the DAG report_quarter does, in this process; the DAG has tests of its own."""
    at = datetime.fromisoformat(conf["at"])
    for due in pipeline.quarters_to_report(at):
        pipeline.report(due.quarter_id, due.government_id, at)
    return service.DagResult(dag_id, "success", 0.0, Path())


def played(home: Path) -> None:
    """Leave the home as `make demo` does, and what it printed."""
    (home / service.DEMO_MARK).touch()
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(service, "run_dag", _closed)
        monkeypatch.setattr(service, "prepare", lambda _environment: None)
        assert run_demo(Console(file=printed, width=80)) == 0
    said = printed.getvalue().replace(str(home.resolve()), "var/demo")
    (home / SAID).write_text(said, encoding="utf-8")


@pytest.fixture
def player(
    beginnings: Beginnings,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Player]:
    """A reader with a copy of the demo's home for each page; the demo is played once a session."""
    folder = tmp_path_factory.mktemp("page")  # a short name: a socket's path may have 107 bytes
    (folder / "var").mkdir()
    options = pandas.option_context("display.unicode.east_asian_width", False)  # a page sets it
    with beginnings.home(played, folder / "var" / "demo") as home, options:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("PWD", str(folder))
        said = (home / SAID).read_text(encoding="utf-8")
        yield Player(folder, {"make demo": said}, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYED)
def test_every_block_prints_what_stands_there(
    name: str, player: Player, request: pytest.FixtureRequest
) -> None:
    now = player.play(TEXTS[name])
    if request.config.getoption("--refresh"):
        (path,) = (path for path in PAGES if path.name == name)
        path.write_text(now, encoding="utf-8")
    else:
        assert now == TEXTS[name], "make docs"


# What the demo has no rows of: tests/flow has them, of releases, sub-tasks and pictures.
_NOT_OF_THE_DEMO = {
    "release_change", "release_pledge_change", "subproject_status", "released_subproject",
    "pledge_attachment", "released_attachment",
}  # fmt: skip


@pytest.mark.slow
def test_every_declared_join_finds_the_one_row(player: Player) -> None:
    player.play(TEXTS["releases.md"])  # a finding is waived there
    declared = {mart for mart, found in warehouse.mart_joins().items() if found}
    assert marts_joined() == declared - _NOT_OF_THE_DEMO


def test_every_block_is_run_or_has_a_reason_not_to_be() -> None:
    assert {block.info for _, block in BLOCKS} <= INFOS
    left_out = {
        (name, command)
        for name, block in BLOCKS
        if block.info == UNRUN
        for command, _ in commands(block.body)
    }
    assert left_out == NOT_RUN.keys()
    assert sum(block.info == "sql" for _, block in BLOCKS) >= 12
    assert sum(block.info == "console" for _, block in BLOCKS) >= 30


def test_every_query_runs_as_the_analyst(home: Path) -> None:
    for _, block in BLOCKS:
        if block.info == "sql":
            assert warehouse.analyst_query(block.body)[0]


def test_python_can_be_read() -> None:
    for name, block in BLOCKS:
        if block.info.startswith("python"):
            compile(block.body, name, "exec")


@pytest.mark.slow
def test_the_page_of_commands_is_that_of_the_shell(request: pytest.FixtureRequest) -> None:
    page = command_page.commands_page()
    if request.config.getoption("--refresh"):
        command_page.PAGE.write_text(page, encoding="utf-8")
    else:
        assert command_page.PAGE.read_text(encoding="utf-8") == page, "make docs"


def test_every_command_is_told_and_no_other() -> None:
    section = TEXTS["operating.md"].split("## The shell")[1].split("\n## ")[0]
    table = "".join(line for line in section.splitlines() if line.startswith("| `gongyak"))
    assert set(re.findall(r"`gongyak ([a-z]+)", table)) == set(command_page.names())


def test_the_rule_shown_is_true() -> None:
    (shown,) = (block.body for _, block in BLOCKS if block.info == "yaml")
    (rule,) = yaml.safe_load(shown)
    written = (ROOT / "expectations" / "progress.yml").read_text(encoding="utf-8")
    assert rule in yaml.safe_load(written)["rules"]


def test_every_figure_and_every_mart_is_told() -> None:
    figures = TEXTS["figures.md"].split("## Every figure")[1].split("\n\n```")[0]
    assert re.findall(r"^\| `(\w+)` \|", figures, re.MULTILINE) == list(measures().figures)
    marts = {name for name in warehouse.dictionary()["tables"] if name.startswith("mart.")}
    told = TEXTS["analysts.md"].split("## What is there")[1].split("\n## ")[0]
    assert set(re.findall(r"`(mart\.\w+)`", told)) == marts


def _anchors(page: str) -> set[str]:
    """Return the anchors that a forge makes of the headings of a page."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_has_its_target(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXTS[path.name]):
        target, _, anchor = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), link
        assert not anchor or anchor in _anchors(found.read_text(encoding="utf-8")), link


def test_every_page_is_reached_from_the_readme() -> None:
    told = set(re.findall(r"\]\(docs/([\w.]+)", TEXTS["README.md"]))
    assert told >= {path.name for path in (ROOT / "docs").iterdir() if path.is_file()}


def test_every_file_named_is_there() -> None:
    folders = "etl|sql|dags|tests|docs|expectations|benchmarks|samples"
    for name, text in TEXTS.items():
        told = set(re.findall(rf"`((?:{folders})/[a-z_\d./-]*)`", text))
        assert [path for path in sorted(told) if not (ROOT / path).exists()] == [], name


def test_pictures_are_few_small_and_said_in_words() -> None:
    shown = [
        found for text in TEXTS.values() for found in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text)
    ]
    kept = list((ROOT / "docs" / "images").iterdir())
    assert {Path(link).name for _, link in shown} == {path.name for path in kept}
    assert all(len(words) > 15 for words, _ in shown)
    for path in kept:
        assert path.stat().st_size < 200_000
        with Image.open(path) as picture:
            assert picture.width >= 900


def test_the_picture_of_the_rooms_is_that_of_the_floors() -> None:
    (drawn,) = _drawings("architecture.md")
    floors = re.findall(r"subgraph floor(\d) .*\n +direction TB\n(.*)\n", drawn)
    rooms = {int(floor): set(_rooms(line)) for floor, line in floors}
    assert rooms == dict(enumerate(FLOORS))
    highest_first = " --> ".join(f"floor{number}" for number in reversed(range(len(FLOORS))))
    assert f"    {highest_first}\n" in drawn


def test_the_drawn_way_of_a_file_has_every_state() -> None:
    (drawn,) = _drawings("resilience.md")
    told = dictionary()["tables"]["audit.submission"]["notes"]["state"]
    states = set(re.findall(r"(\w+)\(", told))
    assert len(states) > 6
    named = set(re.findall(r"^ +(\w+) -->|--> (\w+)", drawn, re.M))
    assert {one for pair in named for one in pair if one} == states | {"counted", "answered"}


def _drawings(page: str) -> list[str]:
    return [block.body for name, block in BLOCKS if block.info == "mermaid" and name == page]


def _rooms(line: str) -> Iterator[str]:
    for room in line.strip().split("; "):
        labelled = re.fullmatch(r'\w+\["(\w+)"\]', room)
        yield labelled[1] if labelled else room


@pytest.mark.slow
def test_every_name_of_the_glossary_is_in_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder, kinds in (("etl", ("py", "yml", "csv")), ("sql", ("sql", "yml")))
        for kind in kinds
        for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
    )
    names = set(NAME.findall(TEXTS["glossary.md"]))
    assert len(names) > 60
    assert [name for name in sorted(names) if not re.search(rf"\b\w*{name}\w*\b", code)] == []


def test_the_readme_is_short() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 200


def test_as_many_tests_are_told_as_there_are(request: pytest.FixtureRequest) -> None:
    """`make test` is not run within itself, but what it would run can be counted, to a tenth."""
    (told,) = (
        int(count) for count in re.findall(r"^(\d+) passed", TEXTS["README.md"], re.MULTILINE)
    )
    left_out = ("slow", "browser")
    counted = sum(not any(map(item.get_closest_marker, left_out)) for item in request.session.items)
    if counted < told / 2:
        pytest.skip("only a part of the tests is run")
    assert abs(counted - told) < told / 10


def test_commands_and_gaps_are_told_apart() -> None:
    body = "$ a 'b\nc' | d\nprinted\n$ e \\\n  f\n"
    assert list(commands(body)) == [("a 'b\nc' | d", "printed\n"), ("e \\\n  f", "")]
    output = "x\n\nTitle\n1\n2\n\ny\nz\n"
    assert cut(output, "…\nTitle\n1\n…\n") == "…\nTitle\n1\n2\n…\n"
    assert cut(output, "…\ny\n") == "…\ny\nz\n"
    assert cut(output, "whatever\n") == output
    assert blocks("```sql\nSELECT\n```\n") == [Block("sql", "SELECT\n", 7, 14)]
