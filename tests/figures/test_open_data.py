"""Open data: CSV and Parquet hold the same typed rows, and the package says what they mean."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas
import pyarrow
import pytest
from hypothesis import given, strategies as st
from pyarrow import csv as arrow_csv, parquet

from etl.publish import Publication, publish, read_publication
from etl.publish.open_data import csv_bytes, parquet_bytes, write_open_data
from etl.publish.open_tables import EXACT, open_tables, stored
from etl.quarter import Quarter
from etl.settings import Settings
from tests.figures import publications as made
from tests.figures.conftest import GU, World, demand, secured

TABLES = (
    "pledges", "budget", "narrative", "attachments", "figures", "status_counts",
    "figure_history", "figure_changes", "pledge_changes",
)  # fmt: skip
PEOPLE = ("홍길동", "성춘향", "02-123-4567")


@pytest.fixture
def package(tmp_path: Path) -> dict[str, Any]:
    write_open_data(replace(made.two_pledges(), attachments=[PICTURE]), tmp_path)
    return _package(tmp_path)


PICTURE = SimpleNamespace(
    quarter_id="2021Q4", government_id=made.GOVERNMENT, pledge_id="1-2", entry_number=1,
    description="=개관식", file_name="개관, 첫날.jpg", media_type="image/jpeg", width=48, height=64,
    byte_count=1234, sha256="ab" * 32, submission_id=1,
)  # fmt: skip


def _package(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "data/datapackage.json").read_text("utf-8"))
    return {**loaded, "folder": folder / "data"}


def _resource(package: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (r for r in package["resources"] if r["name"] == name)
    return dict(found)


def _text(resource: dict[str, Any], package: dict[str, Any]) -> str:
    content = (package["folder"] / resource["path"]).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return content.decode("utf-8-sig")


def _read(field: dict[str, Any], text: str) -> Any:
    """Read a cell as the schema and the package's description tell."""
    if text in field.get("missingValues", [""]):
        return None
    if field["type"] == "string":
        return text.removeprefix("'")
    if field["type"] == "boolean":
        return {field["trueValues"][0]: True, field["falseValues"][0]: False}[text]
    return {"integer": int, "number": Decimal, "date": date.fromisoformat}[field["type"]](text)


def _rows(package: dict[str, Any], name: str) -> list[dict[str, Any]]:
    resource = _resource(package, name)
    fields = resource["schema"]["fields"]
    header, *lines = csv.reader(io.StringIO(_text(resource, package), newline=""), strict=True)
    assert header == [field["name"] for field in fields]
    return [
        {f["name"]: _read(f, cell) for f, cell in zip(fields, line, strict=True)} for line in lines
    ]


def _stored(path: Path) -> list[dict[str, Any]]:
    """Read Parquet as CSV has it: a decimal is the exact one, of which the number beside it is one."""
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    for row in rows:
        for name in [name for name in row if name.endswith(f"_{EXACT}")]:
            exact, near = row.pop(name), row[name.removesuffix(f"_{EXACT}")]
            assert near == (None if exact is None else float(exact))
            row[name.removesuffix(f"_{EXACT}")] = exact
    return rows


# -- the two formats ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_a_csv_read_by_its_schema_is_the_parquet(package: dict[str, Any], name: str) -> None:
    rows = _rows(package, name)
    assert rows
    assert rows == _stored(package["folder"] / f"{name}.parquet")
    assert _resource(package, name)["rows"] == len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_each_column_of_the_parquet_is_described(package: dict[str, Any], name: str) -> None:
    of_csv, of_parquet = (
        {field["name"]: field for field in _resource(package, one)["schema"]["fields"]}
        for one in (name, f"{name}-parquet")
    )
    read = parquet.read_schema(package["folder"] / f"{name}.parquet")
    assert read.names == list(of_parquet)
    assert [one for one in of_parquet if not one.endswith(f"_{EXACT}")] == list(of_csv)
    for column, field in of_parquet.items():
        kind = read.field(column).type
        is_number = field["type"] in ("integer", "number")
        assert is_number == (pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)
                             or pyarrow.types.is_decimal(kind))  # fmt: skip
        assert (field.get("missingValues") == ["nan"]) == is_number
        if column in of_csv:
            told = {**field, "missingValues": None}
            assert told == {**of_csv[column], "missingValues": None}


def test_pandas_reads_numbers_as_numbers(package: dict[str, Any]) -> None:
    """Where there is no number too: the second pledge never reported."""
    pledges = pandas.read_parquet(package["folder"] / "pledges.parquet")
    assert {str(pledges[name].dtype) for name in ("이행률", "계획액", "완료연도")} == {"float64"}
    assert pledges["이행률"].mean() == 99.5
    assert pledges["계획액"].sum() == 22_000_000
    assert list(pledges[f"이행률_{EXACT}"]) == [Decimal("99.5"), None]
    figures = pandas.read_parquet(package["folder"] / "figures.parquet")
    assert {str(figures[name].dtype) for name in ("값", "분자", "분모", "보고율")} == {"float64"}
    assert str(figures["공약수"].dtype) == "int64"


def test_pledges_under_the_names_of_the_portal(package: dict[str, Any]) -> None:
    first, second = _rows(package, "pledges")
    assert list(first)[:4] == ["관리번호", "추진부서", "공약사업명", "추진상황"]
    assert list(first)[-3:] == ["데이터기준일자", "제공기관코드", "제공기관명"]
    assert (first["관리번호"], first["추진상황"], first["이행률"]) == (
        "1-2",
        "완료",
        Decimal("99.5"),
    )
    assert (first["계획액"], first["완료시기"], first["완료연도"]) == (22_000_000, "임기내", 2021)
    assert (first["목표달성여부"], first["지연제출여부"]) == (True, False)
    assert (first["분기"], first["차수"], first["데이터기준일자"]) == ("2021Q4", 1, made.DAY)
    assert (second["공약사업명"], second["이행률"], second["계획액"]) == ("=1+1", None, None)


def test_money_figures_and_what_moved(package: dict[str, Any]) -> None:
    after, before, during = _rows(package, "budget")  # 시도비 before 자체, then by year
    assert [r["회계연도"] for r in (before, during, after)] == ["기투자", "2021", "임기후"]
    assert (during["재원"], during["집행액"], after["재원코드"]) == ("자체", 4_000_000, "UPPER")
    b1 = _rows(package, "figures")[1]
    assert (b1["분자"], b1["분모"], b1["표시값"]) == (15_000_000, 22_000_000, "68.18")
    assert b1["값"] == Decimal("68.181818181818181818")  # 15/22
    assert (b1["범위종류"], b1["범위코드"]) == ("all", "")
    (history,) = _rows(package, "figure_history")
    assert (history["분기"], history["차수"], history["데이터기준일자"]) == ("2021Q3", 2, made.DAY)
    moved = _rows(package, "figure_changes")[0]
    assert (moved["비교분기"], moved["비교차수"]) == ("2021Q3", 2)
    assert (moved["변동전표시값"], moved["변동후표시값"]) == ("70.0", "99.5")
    assert moved["차이"] == Decimal("29.5")  # 99.5 - 70
    first, second = _rows(package, "pledge_changes")
    assert first["평균이행률기여"] == Decimal("19.5")  # (99.5-80)/1
    assert second["평균이행률기여"] == 10  # (70-60)/1: it no longer draws R1 down


def test_money_stands_in_the_order_of_pledges_sources_and_years(tmp_path: Path) -> None:
    publication = made.two_pledges()
    mixed = replace(
        publication,
        budget=[
            made.money("1-10", "2021", 1, 1, 0),
            made.money("1-2", "post_term", 1, 0, 0),
            made.money("1-2", "2021", 1, 1, 0),
            made.money("1-2", "pre_term", 1, 1, 0),
            made.money("1-2", "2020", 1, 1, 0),
            made.money("1-2", "2022", 1, 1, 0, funding_source_code="NATIONAL"),
        ],
    )
    write_open_data(mixed, tmp_path)
    rows = _rows(_package(tmp_path), "budget")
    assert [(row["관리번호"], row["재원"], row["회계연도"]) for row in rows] == [
        ("1-2", "국비", "2022"),
        *(("1-2", "자체", year) for year in ("기투자", "2020", "2021", "임기후")),
        ("1-10", "자체", "2021"),
    ]


def test_columns_of_parquet_are_typed_and_described(package: dict[str, Any]) -> None:
    schema = parquet.read_schema(package["folder"] / "pledges.parquet")
    types = {
        "계획액": pyarrow.int64(),
        "이행률": pyarrow.float64(),
        f"이행률_{EXACT}": pyarrow.decimal128(38, 18),
        "데이터기준일자": pyarrow.date32(),
    }
    assert {name: schema.field(name).type for name in types} == types
    assert schema.field(f"이행률_{EXACT}").metadata[b"machine_name"] == b"declared_rate_pct_exact"
    assert schema.field("계획액").metadata[b"machine_name"] == b"pledge_plan_krw"


# -- text of any kind -----------------------------------------------------------------------------


def _named(names: tuple[str, ...]) -> Publication:
    return made.publication([made.pledge(str(n), name) for n, name in enumerate(names)])


def test_any_text_comes_back_from_every_reader(tmp_path: Path) -> None:
    names = (*made.HOSTILE, "널\x00문자")
    write_open_data(_named(names), tmp_path)
    path = tmp_path / "data/pledges.csv"
    frame = pandas.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    convert = arrow_csv.ConvertOptions(column_types={"공약사업명": pyarrow.string()})
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    table = arrow_csv.read_csv(path, parse_options=parse, convert_options=convert)
    for read in (
        [row["공약사업명"] for row in _rows(_package(tmp_path), "pledges")],
        [text.removeprefix("'") for text in frame["공약사업명"]],
        [text.removeprefix("'") for text in table["공약사업명"].to_pylist()],
        parquet.read_table(tmp_path / "data/pledges.parquet")["공약사업명"].to_pylist(),
    ):
        assert read == list(names)


def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path: Path) -> None:
    write_open_data(_named(made.HOSTILE), tmp_path)
    package = _package(tmp_path)
    text = _text(_resource(package, "pledges"), package)
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]


@pytest.mark.slow
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_text_of_both_formats_is_the_text(names: list[str]) -> None:
    pledges, *_ = open_tables(_named(("머리", *names)))
    header, *lines = csv.reader(
        io.StringIO(csv_bytes(pledges).decode("utf-8-sig"), newline=""), strict=True
    )
    # The builder names a pledge without a name.
    told = [name or f"공약 {place}" for place, name in enumerate(("머리", *names))]
    place = header.index("공약사업명")
    assert [line[place].removeprefix("'") for line in lines] == told
    read = parquet.read_table(io.BytesIO(parquet_bytes(stored(pledges))))
    assert read["공약사업명"].to_pylist() == told


@pytest.mark.slow
@given(
    st.decimals(-(10**19), 10**19, places=18),
    st.integers(-(10**18) + 1, 10**18 - 1),
)
def test_numbers_of_both_formats_are_the_number(rate: Decimal, won: int) -> None:
    row = made.pledge("1", declared_rate_pct=rate, pledge_plan_krw=Decimal(won))
    pledges, *_ = open_tables(made.publication([row]))
    header, line = csv.reader(io.StringIO(csv_bytes(pledges).decode("utf-8-sig"), newline=""))
    written = dict(zip(header, line, strict=True))
    assert (Decimal(written["이행률"]), int(written["계획액"])) == (rate, won)
    (read,) = parquet.read_table(io.BytesIO(parquet_bytes(stored(pledges)))).to_pylist()
    assert (read[f"이행률_{EXACT}"], read["이행률"], read["계획액"]) == (rate, float(rate), won)


# -- the description ------------------------------------------------------------------------------


def test_the_package_keeps_the_rules_of_data_packages(package: dict[str, Any]) -> None:
    """The rules of the published profile (version 2) that a descriptor of tables can break."""
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert package["created"] == "2022-01-20T10:00:00+09:00"
    assert all(source["title"] for source in package["sources"])
    assert all(set(c) <= {"title", "roles"} for c in package["contributors"])
    names = [resource["name"] for resource in package["resources"]]
    assert len(names) == len(set(names)) == 2 * len(TABLES) + 1
    for resource in package["resources"]:
        assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
        assert re.fullmatch(r"[^/.\\][^/\\]*", resource["path"])
        content = (package["folder"] / resource["path"]).read_bytes()
        assert resource.get("bytes") == (len(content) if resource["format"] == "csv" else None)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["type"] == "table"
        _require_sound_schema(resource["schema"])


def _require_sound_schema(schema: dict[str, Any]) -> None:
    names = [field["name"] for field in schema["fields"]]
    assert len(names) == len(set(names))
    assert set(schema["primaryKey"]) <= set(names)
    of_type = {
        "string": {"required", "pattern"}, "integer": {"required", "minimum", "maximum"},
        "number": {"required", "minimum", "maximum"}, "boolean": {"required"},
        "date": {"required"},
    }  # fmt: skip
    for field in schema["fields"]:
        assert set(field.get("constraints", {})) <= of_type[field["type"]]
        assert all(field[told] for told in ("title", "description", "machineName"))
        assert not re.search(r"[ㄱ-힣]", field["machineName"])


def test_rows_keep_their_constraints_and_keys(package: dict[str, Any]) -> None:
    for name in (*TABLES, "dictionary"):
        schema = _resource(package, name)["schema"]
        rows = _rows(package, name)
        keys = [tuple(row[column] for column in schema["primaryKey"]) for row in rows]
        assert len(keys) == len(set(keys))
        assert not [key for key in keys if None in key]
        for field in schema["fields"]:
            rules = field.get("constraints", {})
            values = [row[field["name"]] for row in rows]
            kept = [value for value in values if value is not None]
            assert not rules.get("required") or len(kept) == len(values)
            assert all(re.fullmatch(rules.get("pattern", ".*"), v, re.S) for v in kept
                       if isinstance(v, str))  # fmt: skip
            assert all(v >= rules["minimum"] for v in kept if "minimum" in rules)
            assert all(v <= rules["maximum"] for v in kept if "maximum" in rules)


def test_the_dictionary_tells_every_column_of_every_file(package: dict[str, Any]) -> None:
    told = {(row["파일"], row["열이름"]): row for row in _rows(package, "dictionary")}
    known = {
        (Path(resource["path"]).stem, field["name"])
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert set(told) == known
    plan = told["pledges", "계획액"]
    assert (plan["영문이름"], plan["단위"], plan["자료형"]) == ("pledge_plan_krw", "원", "integer")
    assert plan["정의"].startswith("공약의 계획액(원) = 기투자 + 확보액 + 투자수요 + 임기후")
    assert plan["정의"].endswith("예산 줄이 없으면 빈 값")  # as mart.pledge_status has it


def test_a_licence_is_stated_only_when_it_is_set(
    package: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "licenses" not in package
    chosen = Settings(_env_file=None, open_data_licence="KOGL-1")
    monkeypatch.setattr("etl.publish.open_data.settings", lambda: chosen)
    write_open_data(made.two_pledges(), tmp_path)
    (licence,) = _package(tmp_path)["licenses"]
    assert licence["name"] == "KOGL-1"
    assert licence["title"] == "공공누리 제1유형: 출처표시"


# -- the whole ------------------------------------------------------------------------------------


def test_the_same_edition_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_open_data(made.two_pledges(), tmp_path / name) for name in ("가", "나"))
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_edition_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    write_open_data(replace(made.publication(), release=None), tmp_path)
    package = _package(tmp_path)
    assert package["name"] == "pledges-3400000-2021q4"
    for name in TABLES:
        assert _rows(package, name) == []
        read = parquet.read_table(tmp_path / f"data/{name}.parquet")
        fields = _resource(package, f"{name}-parquet")["schema"]["fields"]
        assert read.column_names == [field["name"] for field in fields]


@pytest.mark.slow
def test_the_marts_of_a_quarter_without_people_in_any_file(world: World, tmp_path: Path) -> None:
    world.pledge("1-2")
    world.pledge("1-10", department="B")
    lines = [secured("pre_term", 5), secured(2021, 10, executed=4), demand("post_term", 7)]
    report = world.report("1-2", "2021Q4", "COMPLETED", "99.5", lines, met=True)
    world.insert("restricted.term_head", government_id=GU, term_number=7, head_name=PEOPLE[0])
    world.insert(
        "restricted.contact", report_id=report, entry_number=1, position_name="팀장",
        person_name=PEOPLE[1], phone=PEOPLE[2], _table=1, _row=9,
    )  # fmt: skip
    world.figures("2021Q4")
    publication = read_publication(world.connection, GU, Quarter(2021, 4))
    publish(publication, tmp_path)
    package = _package(tmp_path)
    assert len(_rows(package, "pledges")) == 2
    assert sum(row["계획액"] for row in _rows(package, "budget")) == 22_000_000  # 5+10+7
    shown = [(row["지표코드"], row["표시값"], row["분자"]) for row in _rows(package, "figures")]
    assert shown == [(f.figure_code, f.shown, f.numerator) for f in publication.figures]
    for name in TABLES:
        assert _rows(package, name) == _stored(tmp_path / f"data/{name}.parquet")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 2 * len(TABLES)
    for content in (part for path in files for part in _parts(path)):
        assert not [person for person in PEOPLE if person.encode() in content]


def _parts(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, and those of the files packed in it."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name) for name in package.namelist())
