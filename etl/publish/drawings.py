"""The sheet 그림 of the workbook: charts that read the other sheets' cells and move with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

from etl.measures import measures
from etl.office.styles import Look, Stylist, paper
from etl.publish.pivots import counts
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet

NAME = "그림"
_HEADER_ROWS = 1
_WIDTH, _HEIGHT = 19, 7.6  # cm
_ROWS_APART = 16
_SILENT = Look(lines=False, wrap=False)


def draw(
    stylist: Stylist, sheet: Worksheet, publication: Publication, sheets: Mapping[str, Worksheet],
    written: Mapping[str, ShownSheet],
) -> None:  # fmt: skip
    """Put every chart that has data on the sheet, one below the other."""
    charts = [
        *_statuses(publication, sheets["상태별"]),
        *_sources(publication, sheets["공약가계부"]),
        *_years(sheets.get("연도별 재정"), written.get("연도별 재정")),
        *_quarters(sheets.get("추이"), written.get("추이")),
    ]
    for number, chart in enumerate(charts):
        chart.width, chart.height = _WIDTH, _HEIGHT
        sheet.add_chart(chart, f"A{1 + number * _ROWS_APART}")
    if not charts:
        stylist.put(sheet, 1, 1, "그릴 자료가 없습니다.", _SILENT)
    sheet.sheet_view.showGridLines = False
    paper(sheet, "portrait")


def _statuses(publication: Publication, sheet: Worksheet) -> list[BarChart]:
    last = len(counts(publication, ("all", "field")))  # they stand first
    if not last:
        return []
    chart = _bars("분야별 추진상황", "공약(건)", sheet, range(4, sheet.max_column + 1), last)
    chart.grouping, chart.overlap, chart.type = "percentStacked", 100, "bar"
    chart.x_axis.scaling.orientation = "maxMin"
    return [chart]


def _sources(publication: Publication, sheet: Worksheet) -> list[BarChart]:
    last = len({row.funding_source_code for row in publication.budget})
    if not last:
        return []
    # Row 2 is the sum of all; the sources of all pledges follow it.
    return [_bars("재원별 계획·확보·집행", "백만원", sheet, range(4, 7), last, first=3, names=3)]


def _years(sheet: Worksheet | None, table: ShownSheet | None) -> list[BarChart]:
    if sheet is None or table is None:
        return []
    return [_bars("연도별 계획·확보·집행", "백만원", sheet, range(2, 5), len(table.frame), names=1)]


def _quarters(sheet: Worksheet | None, table: ShownSheet | None) -> list[LineChart]:
    if sheet is None or table is None:
        return []
    drawn = {measures().figures[code].name for code in measures().drawn}
    headers = [column.header.partition("\n")[0] for column in table.columns]
    chart = LineChart()
    columns = [number for number, name in enumerate(headers, start=1) if name in drawn]
    _fill(chart, "분기마다의 비율", "%", sheet, columns, len(table.frame), first=2, names=1)
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 100
    return [chart]


def _bars(
    title: str, unit: str, sheet: Worksheet, columns: Sequence[int], count: int, first: int = 2,
    names: int = 2,
) -> BarChart:  # fmt: skip
    chart = BarChart()
    chart.type = "col"
    _fill(chart, title, unit, sheet, columns, count, first, names)
    return chart


def _fill(
    chart: Any, title: str, unit: str, sheet: Worksheet, columns: Sequence[int], count: int,
    first: int, names: int,
) -> None:  # fmt: skip
    """Give a chart a series for each column: named by its header, over rows from `first` on."""
    last = first + count - 1
    for column in columns:
        values = Reference(sheet, min_col=column, min_row=first, max_row=last)
        chart.add_data(values)
        series = chart.series[-1]
        series.tx = _name_of(sheet, column)
    chart.set_categories(Reference(sheet, min_col=names, min_row=first, max_row=last))
    chart.title, chart.y_axis.title = title, unit
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False


def _name_of(sheet: Worksheet, column: int) -> SeriesLabel:
    header = Reference(sheet, min_col=column, min_row=_HEADER_ROWS, max_row=_HEADER_ROWS)
    return SeriesLabel(strRef=StrRef(str(header)))
