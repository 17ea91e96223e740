"""The roles of the web pages, and what a visitor may see and send: of one department, or of all.

A right is an action on a resource, as Flask-AppBuilder names them; no library is needed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PAGE = "제출 현황"
ALL_DEPARTMENTS = "제출 현황 모든 부서"
RELEASE_DAG = "DAG:release_quarter"

Right = tuple[str, str]
"""An action and a resource."""
Department = tuple[str, str]
"""A government's code and a department's."""

# Without Plugins there is no entry in the navigation, without Website no page at all.
_ENTRY: tuple[Right, ...] = (("can_read", "Plugins"), ("can_read", "Website"))
_SEE: tuple[Right, ...] = (("can_read", PAGE), ("can_read", ALL_DEPARTMENTS))
_SEND: Right = ("can_create", PAGE)

OWN_RIGHTS: Mapping[str, tuple[Right, ...]] = {
    "부서담당": (*_ENTRY, ("can_read", PAGE), _SEND),
    "열람": (*_ENTRY, *_SEE),
    "승인": (
        *_ENTRY, *_SEE,
        ("can_edit", "HITL Detail"), ("menu_access", "HITL Detail"), ("can_edit", RELEASE_DAG),
    ),
    "운영": (*_ENTRY, *_SEE, _SEND),
    "Admin": (*_ENTRY, *_SEE, _SEND),
}  # fmt: skip
"""What each role has besides what `ON_TOP_OF` names."""

ON_TOP_OF: Mapping[str, tuple[str, ...]] = {
    "열람": ("VIEWER_PERMISSIONS",),
    "승인": ("VIEWER_PERMISSIONS",),
    "운영": ("VIEWER_PERMISSIONS", "USER_PERMISSIONS"),
}
"""The lists of Airflow's own rights that a role begins with."""

NOT_FOR: Mapping[str, frozenset[Right]] = {
    # Who runs the DAGs does not also approve what they show.
    "운영": frozenset({("can_edit", "HITL Detail")}),
}

OFFICER, APPROVER = "부서담당", "승인"
ROLES = tuple(OWN_RIGHTS)


@dataclass(frozen=True)
class Identity:
    """Who is logged in, and what the role of that user allows on the page."""

    name: str
    mail: str | None
    may_read: bool
    may_send: bool
    sees_all: bool


@dataclass(frozen=True)
class Visitor:
    """A user on the page, with the departments that are theirs."""

    identity: Identity
    departments: frozenset[Department]

    @property
    def name(self) -> str:
        return self.identity.name

    @property
    def sees_all(self) -> bool:
        return self.identity.sees_all

    @property
    def may_send(self) -> bool:
        return self.identity.may_send

    def sees(self, government_id: str | None, department_code: str | None) -> bool:
        """Tell whether what is this department's may be shown; nobody's is for the office only."""
        if not self.identity.may_read:
            return False
        return self.sees_all or (government_id, department_code) in self.departments

    def governments(self) -> frozenset[str]:
        """Return the governments of the visitor's own departments."""
        return frozenset(government_id for government_id, _ in self.departments)
