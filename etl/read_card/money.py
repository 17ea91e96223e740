"""The money table of a card: each amount with its year, measure, sub-project and source.

What an amount is, is said by the headers above it and the labels beside it, whichever of them
names years, measures or sources. A line is one sub-project × source, as in a return.
"""

import re
from collections.abc import Iterator

from etl import cells
from etl.cells import UNITS, Cell, RawCell, label_key
from etl.read_card.amounts import Amount, BudgetLine, Returned, Said, as_returned
from etl.read_card.bare_years import are_years, whole_year
from etl.read_card.grid import Column, Grid, holds_amount, is_amount, keep_columns
from etl.read_card.lines import Place, line_place
from etl.read_card.sections import Section
from etl.read_card.stage import CardStage, StagedSection
from etl.read_card.words import Sign

_WRAPPED = re.compile(r"(?<=,)\s*\n\s*")


class BudgetReader:
    """Stages one money table; `unit` is what is printed for it and its name, if that is known."""

    def __init__(
        self, card: CardStage, section: Section, grid: Grid, unit: tuple[str, str | None]
    ) -> None:
        self.card = card
        self.words = card.words.money
        self.grid = grid
        self.heading = section.heading
        self.unit_text, self.unit_name = grid.header.unit or unit
        columns = grid.header.columns
        self.amounts = {c: one for c, one in columns.items() if self._is_of_money(one)}
        first = min(self.amounts, default=0)
        self.labels = {
            c: axis for c, one in columns.items()
            if c not in self.amounts and c < first and (axis := self._axis_of_labels(c, one))
        }  # fmt: skip
        self.extras = [
            c for c, one in columns.items()
            if c not in self.amounts and c not in self.labels and not self._is_ignored(one)
        ]  # fmt: skip
        self.total_axes = self._total_axes()
        self.column_says = {c: self._column_says(one) for c, one in self.amounts.items()}
        self.repeated = self._repeated()
        beside, above = {*self.labels.values()}, self.column_says.values()
        self.is_source_above = any(said.source for said in above)
        is_row, is_column = not self.is_source_above, not any(s.year or s.measure for s in above)
        self.is_line_a_row = is_row and not {"year", "measure"} & beside
        self.is_line_a_column = is_column and beside <= {"year", "measure"}
        self.is_of_whole_pledge = (
            "subproject" not in beside and min(self.extras, default=first) >= first
        )
        self.source = card.words.tables["budget"].by_name["source"]
        self.unstated = None if self._speaks_of_sources() else self.source.absent
        self.lines: dict[object, BudgetLine] = {}
        self.covered: list[tuple[BudgetLine, str, Place]] = []

    @property
    def is_money(self) -> bool:
        """Tell whether the table names years on one side or the other."""
        is_dated = any(said.year for said in self.column_says.values())
        return bool(self.amounts) and (is_dated or "year" in self.labels.values())

    @property
    def has_measure(self) -> bool:
        said = any(said.measure for said in self.column_says.values())
        return said or "measure" in self.labels.values()

    @property
    def has_amounts(self) -> bool:
        return any(is_amount(text) for c in self.amounts for text in self.grid.texts(c))

    def read(self) -> None:
        """Stage every line of the table that has an amount, and the table."""
        table = self.card.section("budget", self.heading.text, self.grid.header.height)
        table.money_unit = self.unit_name
        for index, said, places in self._label_rows():
            self._read_row(index, said, places)
        for line in sorted(self.lines.values(), key=lambda line: line.number):
            if line.says_something:
                self._stage_line(table, line)
        for line, name, place in self.covered:
            self.card.note("covered_by_merge", "", "", table, line.number, place, name)
        self._note_unit(table)
        self._note_unstated(table)
        self._note_open_years(table)
        keep_columns(self.card, self.grid, self.repeated, "duplicate_column")
        keep_columns(self.card, self.grid, self.extras)

    # What columns and rows are headed by

    def _is_of_money(self, column: Column) -> bool:
        """Tell whether a column holds amounts, and its headers say which.

        Where other years say their measure one that does not is not guessed, nor is one with a
        word below its year that is not the form's.
        """
        if not column.signs or column.field or self._is_ignored(column):
            return False
        if column.has_unknown_below or column.has_measure or not column.is_of_year:
            return not column.has_unknown_below
        columns = self.grid.header.columns.values()
        return not any(c.is_of_year and c.has_measure for c in columns)

    def _speaks_of_sources(self) -> bool:
        """Tell whether anything but an amount names sources, in whatever place."""
        if self.is_source_above or "source" in self.labels.values():
            return True
        columns = [(c, one) for c, one in self.grid.header.columns.items() if c not in self.amounts]
        return any(map(self.words.says_source, (
            text for c, one in columns for text in (*one.texts, *self.grid.texts(c))
        )))  # fmt: skip

    def _is_ignored(self, column: Column) -> bool:
        return any(map(self.words.is_ignored, column.texts))

    def _axis_of_labels(self, number: int, column: Column) -> str | None:
        """Return what a column of labels holds: by its header, else by what stands in it."""
        if column.field and column.field != "any":
            return column.field
        texts = self.grid.texts(number)
        texts = [text for text in texts if text and not self.words.is_ignored(text)]
        says = [{s.axis for s in self.words.signs(text)} for text in texts]
        own = [axes for axes in says if "total" not in axes]
        if any("year" in axes for axes in own) or are_years(
            text for text in texts if not self.words.signs(text)
        ):
            return "year"
        found = next((a for a in ("source", "measure") if own and all(a in s for s in own)), None)
        is_unknown = column.texts and not column.field
        return found or (None if is_unknown else "subproject")

    def _total_axes(self) -> dict[int, str]:
        """Return header row → what a total in it is a total of: what stands beside it there."""
        axes: dict[int, set[str]] = {}
        for column in self.amounts.values():
            for row, sign in column.signs:
                axes.setdefault(row, set()).add(sign.axis)
        every = set().union(*axes.values()) if axes else set()
        usual = "source" if "source" in every and "year" not in every else "year"
        return {
            row: next((axis for axis in ("year", "source") if axis in here), usual)
            for row, here in axes.items()
        }

    def _repeated(self) -> list[int]:
        """Take out the columns that say what one before them says."""
        said: dict[tuple[str | None, ...], int] = {}
        for column, one in self.column_says.items():
            said.setdefault((one.year, one.measure_meant, one.source), column)
        repeated = [column for column in self.column_says if column not in said.values()]
        for column in repeated:
            del self.amounts[column], self.column_says[column]
        return repeated

    def _column_says(self, column: Column) -> Said:
        said = Said()
        # 임기내 over a year is no total: the year holds.
        for row, sign in sorted(column.signs, key=lambda one: one[1].axis == "total"):
            axis = self.total_axes[row] if sign.axis == "total" else sign.axis
            said |= self._one(axis, sign, column.texts)
        return said

    def _one(self, axis: str, sign: Sign, texts: tuple[str, ...]) -> Said:
        if axis != "source":
            return Said(**{axis: sign.value})
        return Said(source=next(text for text in texts if sign in self.words.signs(text)))

    # Rows

    def _label_rows(self) -> Iterator[tuple[int, Said, dict[str, Place]]]:
        """Yield each row of values with what its labels say; keep the others as text."""
        last: dict[int, str] = {}
        for index in range(len(self.grid.rows)):
            texts = self._labels(index, last)
            if any(self.words.field(t) or self.words.is_ignored(t) for t in texts.values()):
                continue  # the header once more, as on every page; or a row such as 집행률
            if self._is_note(index):
                self._keep_row(index, "outside_table")
                continue
            said = self._row_says(texts)
            if said is None:
                self._keep_unknown(index)
            else:
                yield index, said, self._label_places(index)

    def _labels(self, index: int, last: dict[int, str]) -> dict[int, str]:
        """Return the labels of a row; a blank one may be the rest of the one above."""
        texts = {column: self.grid.text(index, column) for column in self.labels}
        for column in texts:
            right = [text for c, text in texts.items() if c > column and text]
            is_same = right and label_key(right[0]) not in self.words.grand_totals
            if not texts[column] and is_same and self.grid.may_continue(index, column):
                texts[column] = last.get(column, "")
        last.update(texts)
        return texts

    def _is_note(self, index: int) -> bool:
        """Tell whether a row is a remark: one text over labels and amounts, or one text alone."""
        columns = range(1, self.grid.width + 1)
        own = {c: cell for c in columns
               if (cell := self.grid.at(index, c)) and self.grid.is_origin(index, c)
               and cell.text.strip()}  # fmt: skip
        if len(own) != 1:
            return False
        ((column, cell),) = own.items()
        return column in self.labels and cell.row_span == 1 and not self.words.signs(cell.text)

    def _row_says(self, texts: dict[int, str]) -> Said | None:
        """Return what the labels of a row say; None where a year or measure is not known."""
        said = Said()
        for column, text in texts.items():
            axis = self.labels[column]
            if not text:
                continue
            if axis == "subproject":
                text = " ".join(text.split())
                both = f"{said.subproject} {text}" if said.subproject else text
                is_new = said.subproject != text
                said = said._replace(subproject=both if is_new else text)
            elif axis == "source":
                said = said._replace(source=text)
            else:
                signs = self.words.signs(text)
                if axis == "year" and not signs and (year := whole_year(text)):
                    signs = (Sign("year", year),)
                if not signs:
                    return None
                for sign in signs:
                    name = "year" if sign.axis == "total" else sign.axis
                    said |= self._one(name, sign, (text,))
        return said

    def _label_places(self, index: int) -> dict[str, Place]:
        names = {"subproject": "subproject_name", "source": "source"}
        return {
            names[axis]: self.grid.place(index, column)
            for column, axis in self.labels.items() if axis in names
        }  # fmt: skip

    # Amounts

    def _read_row(self, index: int, of_row: Said, places: dict[str, Place]) -> None:
        for column, one in self.amounts.items():
            text = self.grid.text(index, column)
            if not text:
                continue
            said = self.column_says[column] | of_row
            if said.year is None:
                self._keep_unknown(index)
                return
            line = self._line(index, column, said, places)
            place = self._place(index, column)
            if self.grid.is_origin(index, column):
                cell = self._amount(text, one.unit)
                line.amounts.append(Amount(said.year, said.measure_meant, cell, place))
            elif is_amount(text) and self._amount(text, one.unit).kind == "value":
                self.covered.append((line, f"{said.year}.{said.measure_meant}", place))

    def _amount(self, text: str, own_unit: int | None) -> Cell:
        text = _WRAPPED.sub("", text)
        if label_key(text) in self.card.words.no_money:
            return Cell(None, text, "not_applicable")
        return cells.money(RawCell(text), own_unit or UNITS.get(self.unit_name or ""))

    def _line(self, index: int, column: int, said: Said, places: dict[str, Place]) -> BudgetLine:
        """Return the line of an amount, numbered by its row or column where that is the line."""
        key: object = (said.subproject, said.source and label_key(said.source))
        number = len(self.lines) + 1
        if self.is_line_a_row:
            key, number = index, self.grid.number(index)
        elif self.is_line_a_column:
            key = number = self.grid.line_of(column)
        if self.is_source_above:
            above = self.grid.place_along(self.grid.table, self.grid.header.height, column)
            places = places | {"source": above}
        return self.lines.setdefault(key, BudgetLine(said, places, number))

    def _place(self, index: int, column: int) -> Place:
        if not self.is_line_a_column:
            return self.grid.place(index, column)
        table, row = self.grid.rows[index]
        return self.grid.place_along(table, row, column)

    def _stage_line(self, table: StagedSection, line: BudgetLine) -> None:
        card, said = self.card, line.said
        row = table.next_row(line.number)
        for name, place in line.places.items():
            table.put(row, name, place)
        subproject = said.subproject
        if self.is_of_whole_pledge:
            subproject = card.pledge_name
        source = cells.code(RawCell(said.source or ""))
        keys = {label_key(text) for text in (subproject or "", said.source or "")}
        is_total = not keys.isdisjoint(self.words.totals)
        label = source.value if is_total else self.unstated or source.value
        returned = as_returned(line.amounts)
        for amount in returned.amounts:
            column = table.put(row, amount.field, amount.place)
            self._note_amount(table, row, amount, is_total)
            card.add(
                "budget", table, row, column, amount.field, card.pledge.value, subproject,
                label, source.raw or None, is_total, amount.fiscal_year, amount.measure,
                amount.cell.value, amount.cell.raw, amount.cell.kind,
            )  # fmt: skip
        for amount in returned.again:
            seen = self.words.name(amount.year, amount.measure)
            card.note("duplicate_column", seen, "", table, row, amount.place, amount.field)
        if not is_total:
            self._note_budgets(table, row, returned)

    def _note_budgets(self, table: StagedSection, row: int, returned: Returned) -> None:
        """Say where a budget holds money carried over, and where another one differs from it."""
        for amount in returned.carried:
            if amount.fiscal_year != "total" and amount.cell.value:
                self.card.note(
                    "carried_over_budget", amount.cell.raw, "", table, row, amount.place,
                    amount.field,
                )  # fmt: skip
        for other, secured in returned.compared:
            if other.fiscal_year != "total" and other.cell.value != secured.cell.value:
                seen = f"{self.words.name(other.year, other.measure)} {other.cell.raw}"
                self.card.note(
                    "other_budget_differs", seen, secured.cell.raw, table, row, other.place,
                    secured.field,
                )  # fmt: skip

    def _note_amount(self, table: StagedSection, row: int, amount: Amount, is_total: bool) -> None:
        place, name = amount.place, amount.field
        self.card.note_cell(table, row, name, place, amount.cell)
        if amount.secured_above and not is_total:
            seen, expected = amount.secured_above, amount.cell.raw
            self.card.note("secured_above_plan", seen, expected, table, row, place, name)

    # What is no amount

    def _note_unstated(self, table: StagedSection) -> None:
        """Say once that no amount of the table says where it comes from."""
        if self.unstated and table.row_count:
            place = Place(self.grid.table.locator(1, 1))
            missing = self.source.header
            self.card.note("source_column_missing", "", missing, table, None, place)

    def _note_unit(self, table: StagedSection) -> None:
        """Say once that an amount could not be read for want of a unit."""
        read = (amount.cell for line in self.lines.values() for amount in line.amounts)
        if any(cell.kind == "unreadable" and not cell.problem for cell in read):
            place = Place(self.grid.table.locator(1, 1))
            expected = ", ".join(UNITS)
            self.card.note("unknown_unit", self.unit_text, expected, table, None, place)

    def _keep_unknown(self, index: int) -> None:
        """Keep a row whose year or measure is not known; its amounts are not let go in silence."""
        is_unread = holds_amount(self.grid.text(index, column) for column in self.amounts)
        self._keep_row(index, "unread_amounts" if is_unread else "unknown_label")

    def _note_open_years(self, table: StagedSection) -> None:
        """Name what opens a year, `2019 이전`; a rule knows whether that is one of the term's."""
        noted: set[str] = set()
        for text, said, place in (*self._heads_of_amounts(), *self._years_beside()):
            year = self.words.open_year(text)
            if year and text not in noted:
                noted.add(text)
                end = year[-4:] if said.year == "pre_term" else year[:4]
                self.card.note(
                    "open_years", " ".join(text.split()), end, table, place.number, place,
                    f"{said.year}.{said.measure_meant}",
                )  # fmt: skip

    def _heads_of_amounts(self) -> Iterator[tuple[str, Said, Place]]:
        """Yield the headers over amounts, with what their column says."""
        for column, said in self.column_says.items():
            if holds_amount(self.grid.texts(column)):
                for cell in filter(None, (above[column - 1] for above in self.grid.header.rows)):
                    yield cell.text, said, line_place(self.grid.table, cell)

    def _years_beside(self) -> Iterator[tuple[str, Said, Place]]:
        """Yield the years beside amounts."""
        for column in (c for c, axis in self.labels.items() if axis == "year"):
            for row, text in enumerate(self.grid.texts(column)):
                if holds_amount(self.grid.text(row, c) for c in self.amounts):
                    signs = (s.value for s in self.words.signs(text) if s.axis == "year")
                    yield text, Said(year=next(signs, None)), self.grid.place(row, column)

    def _keep_row(self, index: int, code: str) -> None:
        cells_ = dict.fromkeys(self.grid.at(index, c) for c in range(1, self.grid.width + 1))
        texts = [" ".join(cell.text.split()) for cell in cells_ if cell and cell.text.strip()]
        if texts:
            place = Place(self.grid.place(index, 1).locator)
            self.card.keep("\t".join(texts), place, code, texts[0])
