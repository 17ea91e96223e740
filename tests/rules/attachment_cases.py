"""A: the sheet 첨부 and the pictures that it names. B is 파일, C 설명."""

from pathlib import Path
from typing import Any

from tests.rules.cases import Case
from tests.shots import bomb, jpeg


def named(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"progress": [{}], "attachments": lines}


def many(count: int) -> dict[str, Any]:
    return named(*({"파일": f"{number}.jpg"} for number in range(count)))


def cut_off(path: Path) -> None:
    path.write_bytes(jpeg()[:200])


def whole(path: Path) -> None:
    path.write_bytes(jpeg(color="red"))


def too_large(path: Path) -> None:
    path.write_bytes(bomb(8001, 8000))


def small(path: Path) -> None:
    path.write_bytes(jpeg(color="green"))


CASES = [
    Case("A-02", named({"설명": None}), named({}), "C3"),
    Case("A-02", named({"설명": " - "}), named({"설명": "1"}), "C3", name="signs"),
    Case("A-02", named({"파일": None}), named({"파일": None, "설명": None}), "B3", name="file"),
    Case("A-03", many(11), many(10), "B13"),
    # What is not shown does not count.
    Case("A-03", named({}, *many(10)["attachments"]),
         named({"설명": None}, *many(10)["attachments"]), "B13", name="shown"),
    Case("A-05", named(), named(), None, edit=cut_off, edit_passing=whole, name="picture_damaged"),
    Case("A-05", named(), named(), None, edit=too_large, edit_passing=small,
         name="picture_too_large"),
]  # fmt: skip
