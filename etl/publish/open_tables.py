"""The tables of the open data: their columns under the names that the public data portal uses.

A file of the portal begins with 관리번호 and what its pledge sets show (추진부서, 공약사업명,
추진상황), and ends with 데이터기준일자, 제공기관코드, 제공기관명. Values are typed once here, so
that every format holds the same ones.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from operator import attrgetter
from typing import Any, NamedTuple

import pandas

from etl.form import code_names
from etl.period import PERIOD_PATTERN
from etl.publish.attachments import picture_path
from etl.publish.columns import budget_order, named, report_state, scope_order, unit_of
from etl.publish.ledger import YEAR_NAMES, fiscal_years, source_name
from etl.publish.movement import Move, comparisons, read_from
from etl.publish.publication import Publication, Published
from etl.publish.tables import MOVE_KINDS
from etl.warehouse import dictionary

Value = Callable[[Any], Any]
DECIMALS = 18
# What the column of the exact value is called after the one that it stands beside.
EXACT = "정확값"
_STEP = Decimal(1).scaleb(-DECIMALS)
_WIDE = Context(prec=80)
_QUARTER = {"pattern": PERIOD_PATTERN}
_COUNT = {"minimum": 0}
_PERCENT = {"minimum": 0, "maximum": 100}


@dataclass(frozen=True)
class OpenField:
    """One column: its public name, the name in the marts, its kind and how a row fills it.

    `kind` is text, integer, decimal, float, boolean or date. Without a `definition` it is that of
    `sql/dictionary.yml`. A required text may be empty, an optional one is then without a value.
    """

    name: str
    machine_name: str
    kind: str = "text"
    value: Value | None = None
    unit: str = ""
    is_required: bool = False
    definition: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)

    def of(self, row: Any) -> Any:
        """Return the typed value in a row; None where it has none."""
        value = self.read(row)
        if value is None or (value == "" and not self.is_required):
            return None
        typed = _TYPED.get(self.kind)
        return typed(value) if typed else value

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in ("integer", "decimal", "float")

    @property
    def read(self) -> Value:
        """How a row fills it, before the value is typed."""
        return self.value or attrgetter(self.machine_name)


@dataclass(frozen=True, eq=False)
class OpenTable:
    """One file of the open data: what a row is, its columns, its key and its typed values.

    `frame` has a column of objects per field: exact values, and None for none.
    """

    name: str
    title: str
    description: str
    fields: Sequence[OpenField]
    key: Sequence[str]
    frame: pandas.DataFrame


def open_tables(publication: Publication) -> list[OpenTable]:
    """Return the tables of a publication, each also where it has no row, save 세부사업현황.

    That, and the column 평가등급, only some governments have.
    """
    whole = _closing(publication)
    published = _closing(publication, of_row=True)
    return [
        described(
            "pledges", "공약목록", "기준일 현재의 공약마다 한 줄",
            [*_pledge_fields(publication), *whole], ("관리번호",), publication.pledges,
            "mart.pledge_status",
        ),
        *_subprojects(publication, whole),
        described(
            "budget", "공약가계부", "공약 × 세부사업 × 재원 × 회계연도마다 한 줄",
            [*_budget(publication), *whole],
            ("관리번호", "세부사업명", "재원코드", "회계연도코드"), _by_year(publication),
        ),
        described(
            "narrative", "추진내용 등",
            "공약이 말하는 글마다 한 줄: 정책목표, 추진내용, 문제점, 향후계획, 추진실적",
            [*_narrative(publication), *whole], ("관리번호", "글종류코드", "순번"),
            publication.narrative, "mart.pledge_narrative",
        ),
        described(
            "attachments", "사진", "기준일의 보고가 보이는 사진마다 한 줄",
            [*_attachments(publication), *whole], ("관리번호", "순번"),
            publication.attachments, "mart.pledge_attachment",
        ),
        described(
            "figures", "지표", "발표한 지표 × 범위마다 한 줄, 분자·분모와 분모를 정한 규칙",
            [*_FIGURE, *whole], _FIGURE_KEY, publication.figures,
        ),
        described(
            "status_counts", "추진상황별 공약 수", "범위 × 추진상황마다 한 줄",
            [*_STATUS, *whole], ("범위종류", "범위코드", "추진상황코드"),
            sorted(publication.counts, key=_count_order), "mart.status_count",
        ),
        described(
            "figure_history", "지난 분기의 지표",
            "같은 임기의 앞선 분기에 발표한 지표 × 범위마다 한 줄",
            [*_FIGURE, *published], _FIGURE_KEY, publication.history,
        ),
        described(
            "figure_changes", "지표 변동", "지난 발표 또는 앞 차수와 달라진 지표 × 범위마다 한 줄",
            [*_AGAINST, *_FIGURE_CHANGE, *whole], ("비교기준", *_FIGURE_KEY),
            _changes(publication, "figures"),
        ),
        described(
            "pledge_changes", "공약 변동", "지난 발표 또는 앞 차수와 달라진 공약마다 한 줄",
            [*_AGAINST, *_PLEDGE_CHANGE, *whole], ("비교기준", "관리번호"),
            _changes(publication, "pledges"),
        ),
    ]  # fmt: skip


def stored(table: OpenTable) -> OpenTable:
    """Return a table as Parquet has it: each decimal as a float, and beside it the exact value."""
    fields: list[OpenField] = []
    columns: dict[str, pandas.Series[Any]] = {}
    for one in table.fields:
        column = table.frame[one.name]
        if one.kind != "decimal":
            fields.append(one)
            columns[one.name] = column
            continue
        exact = replace(
            one, name=f"{one.name}_{EXACT}", machine_name=f"{one.machine_name}_exact",
            definition=f"{one.name}의 끝자리까지의 값(소수 {DECIMALS}자리). Parquet에만 있음",
        )  # fmt: skip
        fields += [replace(one, kind="float"), exact]
        columns[one.name] = column.map(float, na_action="ignore")
        columns[exact.name] = column
    return replace(table, fields=fields, frame=pandas.DataFrame(columns, dtype=object))


def described(
    name: str,
    title: str,
    description: str,
    fields: Sequence[OpenField],
    key: Sequence[str],
    rows: Sequence[Any],
    mart: str = "",
) -> OpenTable:
    """Return a table with the definitions of its columns, those of `mart` first."""
    known = dictionary()
    notes = known["tables"][mart].get("notes", {}) if mart else {}
    defined = [_defined(f, {**known["columns"], **notes}) for f in fields]
    frame = pandas.DataFrame({f.name: [f.of(row) for row in rows] for f in defined}, dtype=object)
    return OpenTable(name, title, description, defined, ("제공기관코드", "분기", *key), frame)


def _defined(column: OpenField, definitions: Mapping[str, str]) -> OpenField:
    if column.definition:
        return column
    return replace(column, definition=definitions[column.machine_name])


def _closing(publication: Publication, *, of_row: bool = False) -> list[OpenField]:
    """Return the columns that every file ends with: of which publication a row is, and whose.

    With `of_row` a row knows its own publication.
    """
    revision = publication.release and publication.release.revision
    return [
        OpenField(
            "분기", "quarter_id", value=None if of_row else lambda _: str(publication.quarter),
            is_required=True, constraints=_QUARTER,
        ),
        OpenField("차수", "revision", "integer", None if of_row else lambda _: revision),
        OpenField(
            "데이터기준일자", "as_of_date", "date", lambda _: publication.day, is_required=True,
            definition="이 자료의 기준일. 제출일정의 기준일이며 비어 있으면 분기 말일",
        ),
        OpenField("제공기관코드", "government_id", value=lambda _: publication.government_id,
              is_required=True),
        OpenField("제공기관명", "government_name", value=lambda _: publication.government_name,
              is_required=True),
    ]  # fmt: skip


# -- values ---------------------------------------------------------------------------------------


def _decimal(value: Any) -> Decimal:
    return Decimal(value).quantize(_STEP, ROUND_HALF_UP, _WIDE)


_TYPED: Mapping[str, Value] = {"integer": int, "decimal": _decimal}


def _count_order(row: Any) -> tuple[Any, ...]:
    statuses = list(code_names("status"))
    code = row.status_code
    return *scope_order(row), statuses.index(code) if code in statuses else len(statuses)


def _won(name: str, machine_name: str) -> OpenField:
    return OpenField(name, machine_name, "integer", unit="원")


def _counted(name: str, machine_name: str) -> OpenField:
    return OpenField(name, machine_name, "integer", unit="건", is_required=True, constraints=_COUNT)


def _picked(fields: Iterable[OpenField], *names: str) -> list[OpenField]:
    by_name = {one.name: one for one in fields}
    return [by_name[name] for name in names]


def _kept(fields: Iterable[OpenField], *names: str, row_of: Value) -> list[OpenField]:
    """Return columns that say of a row what they say of the one that belongs to it."""
    return [replace(one, value=read_from(row_of, one.read)) for one in _picked(fields, *names)]


# -- pledges and money ----------------------------------------------------------------------------

_PLEDGE = (
    OpenField("관리번호", "pledge_id", is_required=True),
    OpenField("추진부서", "department_name"),
    OpenField("공약사업명", "pledge_name", is_required=True),
    OpenField("추진상황", "status_name", is_required=True),
    OpenField("분야", "field_name"),
    OpenField("이행률", "declared_rate_pct", "decimal", unit="%", constraints=_PERCENT),
    OpenField("목표달성여부", "is_target_met", "boolean"),
    OpenField("완료시기", "due", value=named("due", "due_code"),
          definition="대장의 완료시기(임기내 또는 임기후). 적지 않았으면 빈 값"),
    OpenField("완료연도", "due_year", "integer", unit="년"),
    _won("계획액", "pledge_plan_krw"),
    _won("확보액", "pledge_secured_krw"),
    _won("집행액", "pledge_executed_krw"),
    _won("총사업비", "declared_total_krw"),
    OpenField("추진상황코드", "status_code", is_required=True),
    OpenField("추진부서코드", "department_code"),
    OpenField("현재추진부서코드", "department_current_code"),
    OpenField("현재추진부서", "department_current_name"),
    OpenField("신규계속구분", "novelty", value=named("novelty", "novelty_code"),
          definition="사업유형의 신규 또는 계속. 적지 않았으면 빈 값"),
    OpenField("자체협력구분", "actor", value=named("actor", "actor_code"),
          definition="사업유형의 자체 또는 협력. 적지 않았으면 빈 값"),
    OpenField("운영시설구분", "delivery", value=named("delivery", "delivery_code"),
          definition="사업유형의 운영 또는 시설. 적지 않았으면 빈 값"),
    OpenField("예산구분", "budget_class", value=named("budget_class", "budget_class_code")),
    OpenField("보고상태", "report_state", value=report_state,
          is_required=True,
          definition="보고 상태: 이번 분기(반기, 달, 기준일) 보고, 지난 보고 이어 씀, 보고 없음"),
    OpenField("보고분기", "reported_quarter_id", constraints=_QUARTER),
    OpenField("지연제출여부", "is_late", "boolean"),
    OpenField("보고의무여부", "owes_report", "boolean", is_required=True),
    OpenField("분모포함여부", "is_counted", "boolean", is_required=True),
    OpenField("의결구분", "decision", value=named("change_kind", "decision_code"),
          definition="기준일까지 결정된 가장 최근의 보류·폐기·완료확정·분리·통합. 없으면 빈 값"),
    OpenField("민선기수", "term_number", "integer"),
)  # fmt: skip


_GRADE = (OpenField("평가등급", "grade_name"), OpenField("평가등급코드", "grade_code"))


def _pledge_fields(publication: Publication) -> Sequence[OpenField]:
    is_graded = any(row.grade_name for row in publication.pledges)
    return [*_PLEDGE, *_GRADE] if is_graded else _PLEDGE


def _subprojects(publication: Publication, whole: Sequence[OpenField]) -> Iterator[OpenTable]:
    if publication.subprojects:
        yield described(
            "subprojects", "세부사업현황",
            "추진상황을 보고한 세부사업마다 한 줄, 공약의 수에는 들지 않음",
            [*_SUBPROJECT, *whole], ("관리번호", "세부사업명"), publication.subprojects,
            "mart.subproject_status",
        )  # fmt: skip


_SUBPROJECT = (
    *_picked(_PLEDGE, "관리번호", "추진부서", "공약사업명"),
    OpenField("순번", "subproject_number", "integer", is_required=True,
              constraints={"minimum": 1}),
    OpenField("세부사업명", "subproject_name", is_required=True),
    *_picked(_PLEDGE, "추진상황", "분야"),
    OpenField("이행률", "subproject_rate_pct", "decimal", unit="%", constraints=_PERCENT),
    *_picked(_PLEDGE, "추진상황코드", "추진부서코드", "보고상태", "보고분기", "민선기수"),
)  # fmt: skip
_LINE = tuple(
    replace(_won(name, machine_name), is_required=True)
    for name, machine_name in (
        ("계획액", "plan_krw"), ("확보액", "secured_krw"), ("집행액", "executed_krw")
    )
)  # fmt: skip


def _by_year(publication: Publication) -> list[Any]:
    """Return the budget rows in the order of their lines, and within a line of the years."""
    years = fiscal_years(publication)
    return sorted(
        publication.budget, key=lambda row: (budget_order(row), years.index(row.fiscal_year))
    )


def _budget(publication: Publication) -> list[OpenField]:
    pledges = {row.pledge_id: row for row in publication.pledges}
    return [
        *_kept(_PLEDGE, "관리번호", "추진부서", "공약사업명",
               row_of=lambda r: pledges[r.pledge_id]),
        OpenField("세부사업명", "subproject_name", is_required=True),
        OpenField("재원", "funding_source", value=lambda r: source_name(r.funding_source_code),
              is_required=True, definition="재원의 한글 이름"),
        OpenField("재원코드", "funding_source_code", is_required=True),
        OpenField("회계연도", "fiscal_year_name",
              value=lambda r: YEAR_NAMES.get(r.fiscal_year, r.fiscal_year), is_required=True,
              definition="회계연도: 연도(예: 2019), 합친 연도(예: 2022~2023), 기투자, 임기후"),
        OpenField("회계연도코드", "fiscal_year", is_required=True),
        *_LINE,
        *_picked(_PLEDGE, "민선기수"),
    ]  # fmt: skip


def _narrative(publication: Publication) -> list[OpenField]:
    pledges = {row.pledge_id: row for row in publication.pledges}
    return [
        *_kept(
            _PLEDGE, "관리번호", "추진부서", "공약사업명", row_of=lambda r: pledges[r.pledge_id]
        ),
        OpenField("글종류", "kind_name", is_required=True),
        OpenField("순번", "entry_number", "integer", is_required=True, constraints={"minimum": 1}),
        OpenField("세부사업명", "subproject_name"),
        OpenField("표시", "label"),
        OpenField("내용", "content", is_required=True),
        OpenField("보고분기", "reported_quarter_id", is_required=True, constraints=_QUARTER),
        OpenField("글종류코드", "kind_code", is_required=True),
    ]


def _attachments(publication: Publication) -> list[OpenField]:
    pledges = {row.pledge_id: row for row in publication.pledges}
    return [
        *_kept(
            _PLEDGE, "관리번호", "추진부서", "공약사업명", row_of=lambda r: pledges[r.pledge_id]
        ),
        OpenField("순번", "entry_number", "integer", is_required=True, constraints={"minimum": 1}),
        OpenField("설명", "description", is_required=True),
        OpenField("파일명", "file_name", is_required=True),
        OpenField("파일경로", "path", value=picture_path, is_required=True,
                  definition="발표 폴더 아래의 자리. 이름은 담긴 것의 지문에서 옴"),
        OpenField("파일종류", "media_type", is_required=True),
        OpenField("너비", "width", "integer", is_required=True, unit="픽셀"),
        OpenField("높이", "height", "integer", is_required=True, unit="픽셀"),
        OpenField("크기", "byte_count", "integer", is_required=True, unit="바이트"),
        OpenField("지문", "sha256", is_required=True),
    ]  # fmt: skip


# -- figures and counts ---------------------------------------------------------------------------

_SCOPE = (
    OpenField("범위종류", "scope_type", is_required=True),
    OpenField("범위코드", "scope_id", is_required=True),
    OpenField("범위명", "scope_name", is_required=True),
)
_FIGURE_KEY = ("범위종류", "범위코드", "지표코드")
_FIGURE = (
    *_SCOPE,
    OpenField("지표코드", "figure_code", is_required=True),
    OpenField("지표명", "figure_name", is_required=True),
    OpenField("값", "value_pct", "decimal", unit="%",
          definition="값(%) = 분자 ÷ 분모 × 100, R1·R1_IN은 분자 ÷ 분모. "
                     "분모가 0이거나 없으면 빈 값"),
    OpenField("표시값", "shown", is_required=True),
    OpenField("단위", "unit", value=unit_of, is_required=True, definition="표시값의 단위"),
    OpenField("분자", "numerator", "decimal", is_required=True),
    OpenField("분모", "denominator", "decimal"),
    OpenField("값없음사유", "no_value_reason"),
    OpenField("분모규칙", "denominator_rule", is_required=True),
    _counted("공약수", "pledge_count"),
    _counted("보고공약수", "reported_count"),
    _counted("이어쓴공약수", "carried_forward_count"),
    _counted("금액있는공약수", "with_amount_count"),
    _counted("보고대상공약수", "owing_count"),
    OpenField("보고율", "coverage_pct", "decimal", unit="%", constraints=_PERCENT,
          definition="보고율(%) = 보고 대상 가운데 이번 분기에 보고한 공약 ÷ 보고대상공약수 × 100. "
                     "보고 대상이 없으면 빈 값"),
    _counted("예외수", "waiver_count"),
)  # fmt: skip
_STATUS = (
    *_SCOPE,
    *_picked(_PLEDGE, "추진상황코드", "추진상황"),
    *_picked(_FIGURE, "공약수"),
)

# -- what moved -----------------------------------------------------------------------------------


class _Change(NamedTuple):
    """One move, and the publication that it is told against."""

    basis: str
    against: Published
    move: Move


def _changes(publication: Publication, moves: str) -> list[_Change]:
    return [
        _Change(one.basis, one.before, move)
        for one in comparisons(publication)
        for move in getattr(one, moves)
    ]


def _moved(fields: Sequence[OpenField], *names: str) -> Iterator[OpenField]:
    """Yield columns before and after; a side that is missing has no value."""
    for one in _picked(fields, *names):
        for side, label in (("before", "변동전"), ("after", "변동후")):
            yield OpenField(
                f"{label}{one.name}", f"{one.machine_name}_{side}", one.kind,
                read_from(attrgetter(f"move.{side}"), one.read), one.unit,
                definition=f"{label} {one.name}. 그때 없었으면 빈 값",
            )  # fmt: skip


_AGAINST = (
    OpenField("비교기준", "basis", is_required=True,
          definition="무엇과 견주었는지: 지난 발표(앞서 발표한 분기), "
                     "앞 차수(같은 분기의 앞선 발표)"),
    OpenField("비교분기", "against_quarter_id", value=attrgetter("against.quarter_id"),
          is_required=True, definition="견준 발표의 분기", constraints=_QUARTER),
    OpenField("비교차수", "against_revision", "integer", attrgetter("against.revision"),
          is_required=True, definition="견준 발표의 차수"),
)  # fmt: skip
_FIGURE_CHANGE = (
    *_kept(_FIGURE, "범위종류", "범위코드", "범위명", "지표코드", "지표명",
           row_of=attrgetter("move.row")),
    *_moved(_FIGURE, "표시값"),
    OpenField("차이", "change_pp", "decimal", attrgetter("move.change_pp"), "%p"),
    *_moved(_FIGURE, "값", "분자", "분모", "공약수"),
)  # fmt: skip
_PLEDGE_CHANGE = (
    *_kept(_PLEDGE, "관리번호", "추진부서", "공약사업명", row_of=attrgetter("move.row")),
    OpenField("변동구분", "difference_kind", value=lambda change: MOVE_KINDS[change.move.kind],
          is_required=True, definition="변동의 종류: " + ", ".join(MOVE_KINDS.values())),
    *_moved(_PLEDGE, "추진상황", "이행률", "목표달성여부"),
    OpenField("평균이행률기여", "contribution_pp", "decimal", attrgetter("move.contribution_pp"),
          unit="%p",
          definition="이 공약이 전체의 평균 이행률(R1)을 움직인 몫. 모두 더하면 그 차이. "
                     "공약의 이행률만으로 평균 이행률이 나오지 않으면 빈 값"),
    *_moved(_PLEDGE, "계획액", "확보액", "집행액"),
)  # fmt: skip
