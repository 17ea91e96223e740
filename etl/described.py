"""What is described in YAML, as typed records: a key that nobody knows stops at load.

Errors name the file, the line and the key that was likely meant.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from etl.problems import SystemFault


class Described(BaseModel):
    """A record of a YAML file: frozen, and with no key beside its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Record = TypeVar("Record", bound=Described)


def read_described(path: Path, record: type[Record]) -> Record:
    """Return a YAML file as its record; raises SystemFault where it is mistyped."""
    text = path.read_text(encoding="utf-8")
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        repeated = next(_repeated(root), None)
        if repeated is not None:
            raise _fault(path, repeated, f"`{repeated.value}`가 두 번 적혀 있습니다", "하나만 두고")
        return record.model_validate(loader.construct_document(root) if root else None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _fault(path, mark, f"YAML로 읽지 못했습니다({error})", "바로잡고") from error
    except ValidationError as error:
        # A mistyped key is missing under its right name too: what stands there is told first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        node = _node_at(root, first["loc"])
        raise _fault(path, node, *_told(first, record)) from error


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Yield keys that a mapping has twice: YAML would take the last without a word."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _node_at(node: yaml.Node | None, place: tuple[int | str, ...]) -> yaml.Node | None:
    """Return the node that an error speaks of: the key itself, or the nearest that is there."""
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is None:
                return node
            node = found[0] if part == place[-1] else found[1]
    return node


def _told(error: Any, record: type[Described]) -> tuple[str, str]:
    key = str(error["loc"][-1]) if error["loc"] else record.__name__
    if error["type"] == "missing":
        return f"`{key}` 항목이 빠졌습니다", "적고"
    if error["type"] != "extra_forbidden":
        return f"`{key}`: {error.get('ctx', {}).get('error', error['msg'])}", "바로잡고"
    likely = get_close_matches(key, sorted(_keys(record)), n=1)
    return f"`{key}`라는 항목은 없습니다", f"`{likely[0]}` 항목으로 고치고" if likely else "지우고"


def _keys(record: type[Described]) -> set[str]:
    """Return every key that a record or one within it has."""
    schema = record.model_json_schema()
    shapes = [schema, *schema.get("$defs", {}).values()]
    return {key for shape in shapes for key in shape.get("properties", {})}


def _fault(path: Path, where: Any, what: str, remedy: str) -> SystemFault:
    mark = getattr(where, "start_mark", where)
    line = f" {mark.line + 1}행" if mark is not None else ""
    return SystemFault(
        f"{path.parent.name}/{path.name}{line}: {what}.",
        "아무것도 바뀌지 않았습니다.",
        f"{remedy} 다시 실행하십시오.",
    )
