"""What a release says, frozen as JSON in `json/`: a file per table, and the schema of them all.

The pages of a government are written from these files alone (`etl.site`), by whoever publishes
next, and programs read them. Columns are those of the open data, under their names in the marts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.form import code_names
from etl.publish.columns import named
from etl.publish.open_tables import OpenField, OpenTable, described, open_tables
from etl.publish.publication import Publication
from etl.settings import settings

FOLDER = "json"
FORMAT = 1
"""Grows when what was said before is said otherwise; what is only added leaves it."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "list": {"type": "array", "items": {"type": "string"}},
}
# Said once of a file instead of in each of its rows.
_OF_RELEASE = ("quarter_id", "revision", "as_of_date", "government_id", "government_name")
_ELSEWHERE = ("figure_history",)  # the figures of other releases stand in theirs


def write_frozen(publication: Publication, folder: Path) -> list[Path]:
    """Write what a release says into `folder`/json; the same publication, the same bytes.

    It lists the other files of the release, which have to stand there.
    """
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    tables = frozen_tables(publication)
    files = {f"{table.name}.json": _table(publication, table) for table in tables}
    files["release.json"] = _one_line({**_release(publication), "files": _files(folder)})
    files["schema.json"] = json.dumps(schema(tables), ensure_ascii=False, indent=1) + "\n"
    for name, content in files.items():
        (target / name).write_text(content, encoding="utf-8", newline="\n")
    return [target / name for name in files]


def frozen_tables(publication: Publication) -> list[OpenTable]:
    """Return the tables of the open data, then what only the JSON has."""
    kept = [table for table in open_tables(publication) if table.name not in _ELSEWHERE]
    return [*map(_without_release, kept), *_of_json_alone(publication)]


def _without_release(table: OpenTable) -> OpenTable:
    fields = [one for one in table.fields if one.machine_name not in _OF_RELEASE]
    return replace(table, fields=fields)


def _table(publication: Publication, table: OpenTable) -> str:
    """Return a table as text: what it is, then a line per row."""
    names = [column.machine_name for column in table.fields]
    columns = [table.frame[column.name] for column in table.fields]
    rows = (dict(zip(names, map(_plain, row), strict=True)) for row in zip(*columns, strict=True))
    head = _one_line({"table": table.name, "title": table.title, **_head(publication)})
    body = ",\n".join(map(_one_line, rows))
    return f'{head[:-1]},"rows":[\n{body}\n]}}\n'


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; a number that is no whole one as the nearest double."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _head(publication: Publication) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "government_id": publication.government_id,
        "government_name": publication.government_name,
        "quarter_id": str(publication.quarter),
        "revision": publication.release.revision if publication.release else None,
        "as_of_date": publication.day.isoformat(),
    }


def _release(publication: Publication) -> dict[str, Any]:
    release = publication.release
    return {
        "table": "release",
        "title": "발표",
        **_head(publication),
        "quarter_name": publication.quarter.title,
        "term_number": publication.term_number,
        "decided_at": release.decided_at.isoformat() if release else None,
        "is_demo": bool(release and release.is_demo),
        "supersedes": release.supersedes if release else None,
        "coverage": publication.coverage,
        "licence": settings().open_data_licence or None,
    }


def _files(folder: Path) -> list[dict[str, Any]]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
        for path in found
        if path.parent.name != FOLDER
    ]


# -- what the open data have not ------------------------------------------------------------------

# Which pledges a field or a department has: a pledge may have several departments.
_MEMBER_SCOPES = ("field", "department")
_MEMBER = (
    OpenField("범위종류", "scope_type", is_required=True),
    OpenField("범위코드", "scope_id", is_required=True),
    OpenField("범위명", "scope_name", is_required=True),
    OpenField("관리번호", "pledge_id", is_required=True),
)
_EVIDENCE = (
    OpenField("관리번호", "pledge_id", is_required=True),
    OpenField("순번", "entry_number", "integer", is_required=True),
    OpenField("접수번호", "submission_id", "integer"),
    OpenField("보고분기", "reported_quarter_id"),
    OpenField("시트", "sheet_name"),
    OpenField("자리", "cell"),
    OpenField("적힌값", "as_written"),
    OpenField("값", "value", "decimal", is_required=True),
    OpenField("재원코드", "funding_source_code"),
    OpenField("회계연도코드", "fiscal_year"),
    OpenField("분자에든지표", "numerator_of", "list", is_required=True),
    OpenField("분모에든지표", "denominator_of", "list", is_required=True),
)
_PRINTED = (
    OpenField("지표코드", "figure_code", is_required=True),
    OpenField("지표명", "figure_name", is_required=True),
    OpenField("범위종류", "scope_type", is_required=True),
    OpenField("범위명", "scope_label", is_required=True),
    OpenField("실린곳", "printed_in", is_required=True),
    OpenField("공표값", "published_value", "decimal", is_required=True),
    OpenField("소수자리", "decimal_places", "integer", is_required=True),
    OpenField("표시값", "shown", is_required=True, definition="실린 그대로의 값"),
    OpenField("다시계산한값", "shown_again", is_required=True,
              definition="같은 소수자리로 다시 계산한 값. 값이 없으면 해당 없음"),
    OpenField("분자", "numerator", "decimal"),
    OpenField("분모", "denominator", "decimal"),
    OpenField("판정코드", "verdict_code", is_required=True),
    OpenField("판정", "verdict_name", is_required=True),
    OpenField("증명", "proof", is_required=True),
    OpenField("사유", "reason"),
)  # fmt: skip
_DECISION = (
    OpenField("관리번호", "pledge_id", is_required=True),
    OpenField("일자", "change_date", "date", is_required=True),
    OpenField("구분코드", "change_code", is_required=True),
    OpenField("구분", "change_name", value=named("change_kind", "change_code"), is_required=True,
              definition="결정의 종류: 변경, 보류, 폐기, 분리, 통합, 완료확정"),
    OpenField("항목", "item_name", value=lambda r: code_names("change_item").get(r.item_code),
              definition="변경된 항목. 없으면 빈 값"),
    OpenField("변경전", "before_text"),
    OpenField("변경후", "after_text"),
    OpenField("사유", "reason"),
    OpenField("의결기관", "approver"),
)  # fmt: skip


def _of_json_alone(publication: Publication) -> list[OpenTable]:
    members = [row for row in publication.members if row.scope_type in _MEMBER_SCOPES]
    return [
        described(
            "members", "범위별 공약", "분야나 부서에 든 공약마다 한 줄", _MEMBER,
            ("범위종류", "범위코드", "관리번호"), members, "mart.scope_member",
        ),
        described(
            "evidence", "근거", "지표에 든 값이 적힌 칸마다 한 줄", _EVIDENCE,
            ("관리번호", "순번"), publication.evidence, "mart.evidence_cell",
        ),
        described(
            "printed_values", "발표값 확인", "밖에 실린 값마다 한 줄과 그 판정", _PRINTED,
            ("지표코드", "범위종류", "범위명", "실린곳"), publication.printed,
            "mart.published_figure",
        ),
        described(
            "decisions", "공약 변경", "기준일까지 결정된 공약의 변경마다 한 줄", _DECISION,
            ("관리번호", "일자", "구분코드", "항목"), publication.decisions, "core.pledge_change",
        ),
    ]  # fmt: skip


# -- the schema -----------------------------------------------------------------------------------


def schema(tables: Iterable[OpenTable]) -> dict[str, Any]:
    """Return the JSON Schema of the files: one of its definitions describes each."""
    shapes = {table.name: _shape(table) for table in tables}
    shapes["release"] = _RELEASE_SHAPE
    return {
        "$schema": _DIALECT,
        "title": "공약 이행 자료",
        "description": "한 발표의 JSON 파일. table이 어느 표인지 말합니다.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in shapes],
        "$defs": shapes,
    }


_TEXT, _MAYBE_TEXT = {"type": "string"}, {"type": ["string", "null"]}
_HEAD_SHAPE: Mapping[str, Any] = {
    "format": {"const": FORMAT, "description": "이 모양의 번호"},
    "title": _TEXT,
    "government_id": {**_TEXT, "description": "기관코드"},
    "government_name": {**_TEXT, "description": "기관명"},
    "quarter_id": {**_TEXT, "description": "분기"},
    "revision": {
        "type": ["integer", "null"],
        "description": "차수. 같은 분기를 몇 번째로 발표했는지",
    },
    "as_of_date": {**_TEXT, "format": "date", "description": "기준일"},
}


def _file_shape(table: str, title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    told = {"table": {"const": table}, **_HEAD_SHAPE, **properties}
    return {"title": title, "type": "object", "required": [*told], "properties": told}


def _shape(table: OpenTable) -> dict[str, Any]:
    columns = {column.machine_name: _column(column) for column in table.fields}
    row = {"type": "object", "required": [*columns], "properties": columns,
           "additionalProperties": False}  # fmt: skip
    return _file_shape(
        table.name, table.title,
        {"rows": {"type": "array", "description": table.description, "items": row}},
    )  # fmt: skip


def _column(column: OpenField) -> dict[str, Any]:
    told = dict(_TYPES[column.kind])
    if not column.is_required:
        told["type"] = [told["type"], "null"]
    unit = f" 단위: {column.unit}" if column.unit else ""
    return {**told, "title": column.name, "description": column.definition + unit}


_RELEASE_SHAPE = _file_shape(
    "release",
    "발표",
    {
        "quarter_name": _TEXT,
        "term_number": {"type": ["integer", "null"], "description": "민선기수"},
        "decided_at": {**_MAYBE_TEXT, "format": "date-time", "description": "발표를 결정한 시각"},
        "is_demo": {"type": "boolean"},
        "supersedes": {"type": ["integer", "null"], "description": "대신한 차수"},
        "coverage": {**_TEXT, "description": "보고율"},
        "licence": {**_MAYBE_TEXT, "description": "공공누리 유형"},
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "bytes"],
                "properties": {"name": _TEXT, "bytes": {"type": "integer"}},
            },
        },
    },
)
