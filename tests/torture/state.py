"""What has to be the same in the end: rows, files, journals, and that nothing is left over.

Numbers that a database gave and moments at which something was written are not compared: a number
becomes the label of the row that it names, a moment of this run a word. The tables are those that
the database's own catalogue tells of.
"""

import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.torture.tables import Table, tables_of
from tests.torture.world import World

State = dict[str, Counter[str] | list[str]]
"""By place (a table, a folder of files, a journal): its rows, in order where that says something."""

# A number of a row, by how columns and keys of JSON are called; `waiver_ids` holds several.
_NUMBERED = re.compile(
    r"(?:^|_)(submission|batch|finding|report|run|window|release|waiver|fault)_id(s?)$"
)
# How long something took, which number an event has, when the last one was, and when whoever came
# next counted what a killed run had not: the marts themselves are compared.
_NOT_COMPARED = re.compile(
    r"^(seconds|event_number|last_number|last_moment|counted_at|elapsed_\w+)$"
)
# What was read and judged before a run died is read and judged again, and told so: the same lines.
_AGAIN = re.compile(r'"event(_kind)?": "(read|check)"')
# One batch may have become two: those that a dead run finished stay with it, the next took the rest.
_BATCHES, _EVENTS = "audit.batch", "audit.event"
_MOMENT = re.compile(r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?")
_NUMBER_FOLDER = re.compile(r"/\d+(?=/|$)")
_WRITTEN = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*")


class Reader:
    """Reads the state of a world; `since` is when its first run began."""

    def __init__(self, world: World, since: datetime | None = None) -> None:
        self.world = world
        self.since = (since or datetime.now(UTC)) - timedelta(days=1)

    def state(self) -> State:
        """Return all that is compared."""
        tables = tables_of(self.world)
        label_of = partial(self._label, tables, {})
        found: State = {}
        for table in tables.values():
            rows = [self._row(table, row, label_of) for row in _told_singly(table)]
            if table.name == _BATCHES:
                rows = [*set(rows)]
            found[f"table {table.name}"] = Counter(_once(rows))
        found |= self._journals(label_of)
        found["files"] = Counter(self._files())
        found["databases left"] = Counter(self.world.strange_databases())
        return found

    # -- rows -------------------------------------------------------------------------------------

    def _row(self, table: Table, row: Mapping[str, Any], label_of: Callable[..., str]) -> str:
        told = {
            name: self._value(name, value, label_of)
            for name, value in row.items()
            if name != table.number and not _NOT_COMPARED.match(name)
        }
        return json.dumps(told, ensure_ascii=False)

    def _value(self, name: str, value: Any, label_of: Callable[..., str]) -> Any:
        """Return a value without what a number or a moment of this run makes different."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, dict):
            return {
                key: self._value(key, one, label_of)
                for key, one in value.items()
                if not _NOT_COMPARED.match(key)
            }
        if isinstance(value, list):
            return [self._value(name, one, label_of) for one in value]
        numbered = _NUMBERED.search(name)
        if numbered and re.fullmatch(r"\d+", str(value)):
            return label_of(numbered[1], int(value))
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        text = text.replace(str(self.world.root), "ROOT")
        if "ROOT" in text and "/answers/" in text:
            text = _NUMBER_FOLDER.sub("/#", text)
        return _MOMENT.sub(self._moment, text)

    def _moment(self, found: re.Match[str]) -> str:
        return "MOMENT" if found[0][:10] >= f"{self.since:%Y-%m-%d}" else found[0]

    def _label(
        self, tables: Mapping[str, Table], known: dict[tuple[str, int], str], kind: str, number: int
    ) -> str:
        """Return what a numbered row says, shortly; a row that names itself on its way says less."""
        if (kind, number) not in known:
            known[kind, number] = f"{kind} …"
            table = next((one for one in tables.values() if one.number == f"{kind}_id"), None)
            row = table and table.row_of.get(number)
            if table is None or row is None:
                known[kind, number] = f"{kind} that is not there"
            else:
                said = self._row(table, row, partial(self._label, tables, known))
                name = row.get("file_name") or row.get("pledge_id") or row.get("rule_id") or ""
                known[kind, number] = f"{kind} {name} {_short(said.encode())}"
        return known[kind, number]

    # -- files ------------------------------------------------------------------------------------

    def _files(self) -> Iterable[str]:
        """Yield each file of the home with its content, and each folder; a part is there as well."""
        home = self.world.home
        for path in _below(home):
            name = str(path.relative_to(home))
            if "/journal" in f"/{name}":
                continue  # told line by line
            name = _NUMBER_FOLDER.sub("/#", name) if name.startswith("outbox/answers") else name
            yield f"{name}/" if path.is_dir() else f"{name} {self._content(path)}"

    def _content(self, path: Path) -> str:
        """Return what stands for a file's content; what an office program opens, by its parts."""
        content = path.read_bytes()
        if path.suffix not in (".xlsx", ".hwpx") or not zipfile.is_zipfile(path):
            return _short(content)
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = [(name, _WRITTEN.sub(b"", package.read(name))) for name in package.namelist()]
        return _short(repr(sorted(parts)).encode())

    def _journals(self, label_of: Callable[..., str]) -> State:
        """Return the lines of each journal in order, and what else lies beside them."""
        told: dict[str, list[str]] = {}
        for path in _below(self.world.home / "archive"):
            folder = str(path.parent.relative_to(self.world.home))
            if "journal" not in folder or path.is_dir():
                continue
            lines = told.setdefault(f"journal {folder}", [])
            if path.suffix != ".jsonl":
                lines.append(f"left {path.suffix}")
                continue
            said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            told_so = (self._value("", one, label_of) for one in said)
            # The lines of one event have no order.
            lines += sorted(json.dumps(one, ensure_ascii=False) for one in told_so)
        return {folder: [*_once(lines)] for folder, lines in told.items()}


def _told_singly(table: Table) -> Iterable[Mapping[str, Any]]:
    """Yield the rows of a table; an event for each of its lines, since it may come in two halves."""
    for row in table.rows:
        if table.name == _EVENTS and isinstance(row.get("lines"), list):
            yield from ({**row, "lines": line} for line in row["lines"])
        else:
            yield row


def _once(lines: Iterable[str]) -> Iterable[str]:
    """Yield lines in order, without those that tell again what was told."""
    seen: set[str] = set()
    for line in lines:
        if line not in seen or not _AGAIN.search(line):
            yield line
        seen.add(line)


def _below(folder: Path) -> Iterable[Path]:
    """Yield what lies in a folder, in order, without following what leads to the server."""
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        if not path.is_symlink():
            yield path
            if path.is_dir():
                yield from _below(path)


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def differences(wanted: State, found: State) -> list[str]:
    """Return a line for each row, file or event that only one of two states has."""
    told: list[str] = []
    for place in sorted({*wanted, *found}):
        before, after = wanted.get(place, []), found.get(place, [])
        if before == after:
            continue
        lost, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
        told += [f"{place}: - {row}" for row in lost.elements()]
        told += [f"{place}: + {row}" for row in new.elements()]
        if not lost and not new:
            told.append(f"{place}: in another order")
    return told
