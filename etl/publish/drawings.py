"""The sheet 그림 of the workbook: charts that read the other sheets' cells and move with them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.series import SeriesLabel
from openpyxl.worksheet.worksheet import Worksheet

from etl.form import code_names
from etl.measures import measures
from etl.office.styles import Look, paper, put
from etl.palette import AMOUNT, LINES, SOFT, STATUS, bare
from etl.publish.ledger import MEASURE_NAMES
from etl.publish.pivots import counts
from etl.publish.publication import Publication
from etl.publish.tables import ShownSheet

NAME = "그림"
_WIDTH, _HEIGHT = 19, 7.6  # cm
_ROWS_APART = 16
_AMOUNTS = {
    name: one.fill for name, one in zip(MEASURE_NAMES.values(), AMOUNT.values(), strict=True)
}
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
        statuses = {name: STATUS[code].fill for code, name in code_names("status").items()}
        chart = BarChart()
        _fill(chart, "분야별 추진상황", "공약의 몫", sheets["상태별"], fields, names=2,
              colour=statuses.get)  # fmt: skip
        chart.grouping, chart.overlap, chart.type = "percentStacked", 100, "bar"
        chart.x_axis.scaling.orientation = "maxMin"
        yield chart
    sources = len({row.funding_source_code for row in publication.budget})
    if sources:
        # Row 2 is the sum of all; the sources of all pledges follow it.
        chart = BarChart()
        _fill(chart, "재원별 계획·확보·집행", "백만원", sheets["공약가계부"], sources, names=3,
              colour=lambda header: _AMOUNTS.get(header.removeprefix("합계\n")),
              first=3)  # fmt: skip
        yield chart
    if "연도별 재정" in written:
        years = len(written["연도별 재정"].frame)
        chart = BarChart()
        _fill(chart, "연도별 계획·확보·집행", "백만원", sheets["연도별 재정"], years, names=1,
              colour=lambda header: _AMOUNTS.get(header.partition("\n")[0]))  # fmt: skip
        yield chart
    if "추이" in written:
        names = (measures().figures[code].name for code in measures().drawn)
        rates = dict(zip(names, LINES, strict=True))
        lines, word = LineChart(), written["추이"].columns[0].header
        _fill(lines, f"{word}마다의 비율", "%", sheets["추이"], len(written["추이"].frame), names=1,
              colour=lambda header: rates.get(header.partition("\n")[0]))  # fmt: skip
        lines.y_axis.scaling.min, lines.y_axis.scaling.max = 0, 100
        yield lines


def _fill(
    chart: Any, title: str, unit: str, sheet: Worksheet, count: int, *, names: int,
    colour: Callable[[str], str | None], first: int = 2,
) -> None:  # fmt: skip
    """Give a chart a series for each column whose header has a colour, over rows from `first`."""
    last = first + count - 1
    for column, header in enumerate(sheet[1], start=1):
        if drawn := colour(str(header.value)):
            chart.add_data(Reference(sheet, min_col=column, min_row=first, max_row=last))
            named = Reference(sheet, min_col=column, min_row=1, max_row=1)
            chart.series[-1].tx = SeriesLabel(strRef=StrRef(str(named)))
            _paint(chart, drawn)
    chart.set_categories(Reference(sheet, min_col=names, min_row=first, max_row=last))
    chart.title, chart.y_axis.title = title, unit
    chart.legend.position = "b"
    chart.x_axis.delete = chart.y_axis.delete = False
    if isinstance(chart, BarChart):
        chart.gapWidth = 60


def _paint(chart: Any, colour: str) -> None:
    """Give the newest series of a chart the colour that it has everywhere."""
    look = chart.series[-1].graphicalProperties
    if isinstance(chart, LineChart):
        look.line.solidFill = bare(colour)
    else:
        look.solidFill = bare(colour)
        look.line.solidFill = bare(SOFT)
