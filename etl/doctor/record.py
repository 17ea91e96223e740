"""What a check of the installation says: a state, what was seen, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from etl.particles import with_particles

State = Literal["good", "remark", "broken"]
STATE_NAMES: dict[State, str] = {"good": "좋음", "remark": "살필 것", "broken": "고장"}


@dataclass(frozen=True)
class Finding:
    """What one look showed; `remedy` is empty where nothing is to be done."""

    state: State
    said: str
    remedy: str = ""

    def __post_init__(self) -> None:
        for name in ("said", "remedy"):
            object.__setattr__(self, name, " ".join(with_particles(getattr(self, name)).split()))


@dataclass(frozen=True)
class Record:
    """One check and what it found. `name` is for programs, `title` for people."""

    name: str
    title: str
    state: State
    said: str
    remedy: str


class Check(NamedTuple):
    """One thing to look at; `look` changes nothing and may raise whatever it likes."""

    name: str
    title: str
    look: Callable[[], Finding]


def good(said: str, remedy: str = "") -> Finding:
    """Return what is as it should be."""
    return Finding("good", said, remedy)


def remark(said: str, remedy: str) -> Finding:
    """Return what somebody should know; the installation works."""
    return Finding("remark", said, remedy)


def broken(said: str, remedy: str) -> Finding:
    """Return what needs a person."""
    return Finding("broken", said, remedy)
