"""Open data of a publication in `data/`: CSV, Parquet, `datapackage.json` and the dictionary.

CSV is for people and their spreadsheets, Parquet for programs; both hold the same typed rows under
the same names, and `datapackage.json` maps every column to its name in the marts. Parquet has a
decimal twice: as the number that every program reckons with, and beside it to the last digit.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas

from etl.publish.open_tables import DECIMALS, EXACT, OpenField, OpenTable, open_tables, stored
from etl.publish.publication import Publication
from etl.settings import settings

FOLDER = "data"
_DICTIONARY = "사전"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {
    "text": "string",
    "integer": "integer",
    "decimal": "number",
    "float": "number",
    "boolean": "boolean",
    "date": "date",
}
_YES, _NO = "Y", "N"
# What a spreadsheet may take for a formula, after letters that do not show too. A text that begins
# with the sign itself gets it as well: taking one sign off always gives the text back.
_FORMULA = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\ufeff]*['=+\-@＝＋－＠]|[\t\r\n]")
_SIGN = "'"
_ROWS_A_GROUP = 50_000
_LICENCES = {
    "KOGL-1": (1, "출처표시"),
    "KOGL-2": (2, "출처표시 + 상업적 이용금지"),
    "KOGL-3": (3, "출처표시 + 변경금지"),
    "KOGL-4": (4, "출처표시 + 상업적 이용금지 + 변경금지"),
}
NOTE = (
    "CSV는 UTF-8(BOM 있음)이며 줄 끝은 CRLF입니다. 빈 칸은 값이 없음을, Y와 N은 예와 아니요를"
    " 뜻합니다. CSV의 글이 = + - @ ' 가운데 하나나(앞에 보이지 않는 글자가 있어도) 탭·줄바꿈으로"
    " 시작하면 스프레드시트가 수식으로 읽지 않도록 앞에 작은따옴표(')를 하나 붙였습니다."
    " 글 맨 앞의 작은따옴표 하나는 떼고 읽으십시오. Parquet에는 글이 있는 그대로 들어 있습니다."
    f" 소수는 {DECIMALS}자리까지(사사오입)이며 금액은 원입니다. Parquet의 소수는 셈하기 좋은"
    f" 수(배정밀도)이며, 끝자리까지의 값은 이름 끝에 {EXACT}이 붙은 열에 있습니다."
)


def write_open_data(publication: Publication, folder: Path) -> list[Path]:
    """Write every file of the open data into `folder`/data; always the same bytes."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    written = open_tables(publication)
    # Parquet's columns are all those of CSV and more.
    kept = [stored(table) for table in written]
    listed = _dictionary(kept)
    made = []
    for table, whole in zip(written, kept, strict=True):
        made.append((table, f"{table.name}.csv", csv_bytes(table)))
        made.append((whole, f"{whole.name}.parquet", parquet_bytes(whole)))
    made.append((listed, f"{_DICTIONARY}.csv", csv_bytes(listed)))
    files = {name: content for _, name, content in made}
    resources = [_resource(*one) for one in made]
    package = json.dumps(_package(publication, resources), ensure_ascii=False, indent=2) + "\n"
    files["datapackage.json"] = package.encode()
    for name, content in files.items():
        (target / name).write_bytes(content)
    return [target / name for name in files]


# -- CSV ------------------------------------------------------------------------------------------


def csv_bytes(table: OpenTable) -> bytes:
    """Return a table as CSV (RFC 4180, UTF-8 with BOM), text guarded against spreadsheets."""
    written = table.frame.map(_written).to_csv(index=False, lineterminator="\r\n")
    return written.encode("utf-8-sig")


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return _SIGN + text if isinstance(value, str) and _FORMULA.match(text) else text


# -- Parquet --------------------------------------------------------------------------------------


def parquet_bytes(table: OpenTable) -> bytes:
    """Return a table as Parquet with typed columns; each knows its name in the marts.

    It is one of `stored`.
    """
    # Only who writes Parquet waits for this library.
    import pyarrow
    from pyarrow import parquet

    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "decimal": pyarrow.decimal128(38, DECIMALS),
        "float": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "date": pyarrow.date32(),
    }
    schema = pyarrow.schema(
        pyarrow.field(
            one.name, types[one.kind], nullable=not one.is_required,
            metadata={
                "machine_name": one.machine_name, "description": one.definition, "unit": one.unit
            },
        )
        for one in table.fields
    )  # fmt: skip
    # Without what pandas says of its own types.
    told = pyarrow.Table.from_pandas(table.frame, schema, preserve_index=False)
    stream = io.BytesIO()
    parquet.write_table(
        told.replace_schema_metadata(), stream,
        version="2.6", compression="zstd", row_group_size=_ROWS_A_GROUP,
    )  # fmt: skip
    return stream.getvalue()


# -- what it all means ----------------------------------------------------------------------------


def _dictionary(written: Sequence[OpenTable]) -> OpenTable:
    """Return the dictionary: one row per column of every file."""
    columns = [
        OpenField("파일", "file", is_required=True, definition="확장자를 뺀 파일의 이름"),
        OpenField("순서", "position", "integer", is_required=True, definition="열의 순서(1부터)"),
        OpenField("열이름", "column_name", is_required=True, definition="파일에 적힌 열의 이름"),
        OpenField("영문이름", "machine_name", is_required=True, definition="데이터마트에서의 이름"),
        OpenField("자료형", "type", is_required=True, definition="datapackage.json의 자료형"),
        OpenField("단위", "unit", definition="값의 단위. 단위가 없으면 빈 값"),
        OpenField("필수여부", "is_required", "boolean", is_required=True,
              definition="모든 줄에 값이 있는지 여부"),
        OpenField("정의", "definition", is_required=True, definition="열의 뜻과 셈하는 법"),
    ]  # fmt: skip

    def described(name: str, fields: Sequence[OpenField]) -> Iterator[list[Any]]:
        for place, column in enumerate(fields, 1):
            yield [
                name, place, column.name, column.machine_name, _TYPES[column.kind],
                column.unit or None, column.is_required, column.definition,
            ]  # fmt: skip

    rows = [row for table in written for row in described(table.name, table.fields)]
    rows += described(_DICTIONARY, columns)
    frame = pandas.DataFrame(rows, columns=[column.name for column in columns], dtype=object)
    return OpenTable(
        "dictionary", "사전", "모든 파일의 열마다 한 줄", columns, ("파일", "열이름"), frame
    )


def _package(publication: Publication, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the Data Package (version 2) that describes the files."""
    quarter, release = publication.quarter, publication.release
    revision = f"-r{release.revision}" if release else ""
    place = re.sub(r"[^-a-z0-9._]", "-", publication.government_id.lower())
    title = f"{publication.government_name} {quarter.title} 공약 이행현황"
    licence = settings().open_data_licence
    package: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": f"pledges-{place}-{str(quarter).lower()}{revision}",
        "title": title,
        "description": NOTE,
        "version": f"{quarter}{revision}",
        "sources": [{"title": f"{publication.government_name} 부서별 공약 이행 보고와 공약대장"}],
        "contributors": [{"title": publication.government_name, "roles": ["publisher"]}],
        "keywords": ["공약", "이행률", "재정", publication.government_name],
    }
    if release:
        package["created"] = release.decided_at.isoformat()
    if licence:
        number, terms = _LICENCES[licence]
        path = f"https://www.kogl.or.kr/info/licenseType{number}.do"
        named = f"공공누리 제{number}유형: {terms}"
        package["licenses"] = [{"name": licence, "path": path, "title": named}]
    return {**package, "resources": list(resources)}


def _resource(table: OpenTable, path: str, content: bytes) -> dict[str, Any]:
    is_csv = path.endswith(".csv")
    kind = (
        {
            "name": table.name, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
            "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\r\n",
                        "quoteChar": '"', "doubleQuote": True},
        }
        if is_csv
        else {
            "name": f"{table.name}-parquet", "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
        }
    )  # fmt: skip
    return {
        **kind,
        "type": "table",
        "path": path,
        "title": table.title,
        "description": table.description,
        # frictionless counts no bytes of Parquet, and takes any number for a wrong one.
        **({"bytes": len(content)} if is_csv else {}),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": len(table.frame),
        "schema": {
            "fields": [_described(column, is_csv) for column in table.fields],
            "missingValues": [""],
            "primaryKey": list(table.key),
        },
    }


def _described(column: OpenField, is_csv: bool) -> dict[str, Any]:
    """Return a field of the schema; `unit` and `machineName` are this package's own properties.

    A number that Parquet has none of is "nan" to those who read it by pandas, as frictionless does.
    """
    described: dict[str, Any] = {
        "name": column.name,
        "title": f"{column.name}({column.unit})" if column.unit else column.name,
        "type": _TYPES[column.kind],
        "description": column.definition,
        "machineName": column.machine_name,
    }
    if column.unit:
        described["unit"] = column.unit
    if column.kind == "boolean":
        described |= {"trueValues": [_YES], "falseValues": [_NO]}
    if column.is_required and column.kind == "text":
        described["missingValues"] = []  # an empty text is a value here
    if not is_csv and column.is_number:
        described["missingValues"] = ["nan"]
    constraints = {**({"required": True} if column.is_required else {}), **column.constraints}
    return {**described, **({"constraints": constraints} if constraints else {})}
