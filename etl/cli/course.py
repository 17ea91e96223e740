"""The commands in the order of an office's work, under what each part of it is called."""

COURSE = {
    part: tuple(names.split())
    for part, names in {
        "분기를 여는 일": "register invite remind",
        "받고 점검하는 일": "check collect status diff withdraw recheck waive rules",
        "지표를 보는 일": "report figures trace sql erd",
        "발표하는 일": "published release publish retract verify",
        "설치를 돌보는 일": "demo up down user airflow doctor backup restore erase completion",
    }.items()
}
PART_OF = {name: part for part, names in COURSE.items() for name in names}
_PLACES = {name: place for place, name in enumerate(PART_OF)}


def in_course(names: list[str]) -> list[str]:
    """Return commands in the order of the work; those of one word stay as they came."""
    return sorted(names, key=lambda name: _PLACES.get(name, 0))
