"""The sheet 그림 of the workbook: charts that read the other sheets' cells and move with them."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

from etl.form import code_names
from etl.measures import measures
from etl.office.colours import MONEY, status_colour
from etl.office.styles import Look, paper, put
from etl.publish.ledger import MEASURE_NAMES
from etl.publish.pivots import counts
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet

NAME = "그림"
_WIDTH, _HEIGHT = 19, 7.6  # cm
_ROWS_APART = 16
_OUTLINE = "7B8794"
_SILENT = Look(lines=False, wrap=False)


def draw(
    sheet: Worksheet, publication: Publication, sheets: Mapping[str, Worksheet],
    written: Mapping[str, ShownSheet],
) -> None:  # fmt: skip
    """Put every chart that has data on the sheet, one below the other."""
    charts = list(_charts(publication, sheets, written))
    for number, chart in enumerate(charts):
        chart.width, chart.height = _WIDTH, _HEIGHT
        sheet.add_chart(chart, f"A{1 + number * _ROWS_APART}")
    if not charts:
        put(sheet, 1, 1, "그릴 자료가 없습니다.", _SILENT)
    sheet.sheet_view.showGridLines = False
    paper(sheet, "portrait")


def _charts(
    publication: Publication, sheets: Mapping[str, Worksheet], written: Mapping[str, ShownSheet]
) -> Iterator[BarChart | LineChart]:
    fields = len(counts(publication, ("all", "field")))  # they stand first
    if fields:
        statuses = code_names("status").values()
        chart = BarChart()
        _fill(chart, "분야별 추진상황", "공약(건)", sheets["상태별"], fields, names=2,
              drawn=lambda header: header in statuses, colours=_status_colours())  # fmt: skip
        chart.grouping, chart.overlap, chart.type = "percentStacked", 100, "bar"
        chart.x_axis.scaling.orientation = "maxMin"
        yield chart
    sources = len({row.funding_source_code for row in publication.budget})
    if sources:
        # Row 2 is the sum of all; the sources of all pledges follow it.
        chart = BarChart()
        _fill(chart, "재원별 계획·확보·집행", "백만원", sheets["공약가계부"], sources, names=3,
              drawn=lambda header: header.startswith("합계"), first=3,
              colours=_money_colours("합계\n{}"))  # fmt: skip
        yield chart
    if "연도별 재정" in written:
        years = len(written["연도별 재정"].frame)
        chart = BarChart()
        _fill(chart, "연도별 계획·확보·집행", "백만원", sheets["연도별 재정"], years, names=1,
              drawn=lambda header: header.endswith("(백만원)"),
              colours=_money_colours("{}\n(백만원)"))  # fmt: skip
        yield chart
    if "추이" in written:
        rates = {measures().figures[code].name for code in measures().drawn}
        lines = LineChart()
        _fill(lines, "분기마다의 비율", "%", sheets["추이"], len(written["추이"].frame), names=1,
              drawn=lambda header: header.partition("\n")[0] in rates)  # fmt: skip
        lines.y_axis.scaling.min, lines.y_axis.scaling.max = 0, 100
        yield lines


def _status_colours() -> dict[str, str]:
    return {name: status_colour(code).fill for code, name in code_names("status").items()}


def _money_colours(header: str) -> dict[str, str]:
    """Return the fills of what is planned, secured and executed, by the header of its column."""
    fills = (colour.fill for colour in MONEY.values())
    return dict(zip(map(header.format, MEASURE_NAMES.values()), fills, strict=True))


def _fill(
    chart: Any, title: str, unit: str, sheet: Worksheet, count: int, *, names: int,
    drawn: Callable[[str], bool], first: int = 2, colours: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Give a chart a series for each column whose header is drawn, over rows from `first` on.

    `colours` are fills by header: what means the same elsewhere looks the same here.
    """
    last = first + count - 1
    for column, header in enumerate(sheet[1], start=1):
        if drawn(str(header.value)):
            chart.add_data(Reference(sheet, min_col=column, min_row=first, max_row=last))
            named = Reference(sheet, min_col=column, min_row=1, max_row=1)
            chart.series[-1].tx = SeriesLabel(strRef=StrRef(str(named)))
            if fill := colours.get(str(header.value)):
                shape = chart.series[-1].graphicalProperties
                shape.solidFill = fill.removeprefix("#")
                shape.line.solidFill = _OUTLINE
    chart.set_categories(Reference(sheet, min_col=names, min_row=first, max_row=last))
    chart.title, chart.y_axis.title = title, unit
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
