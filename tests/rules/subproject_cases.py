"""S: one line of 세부사업현황 (A 공약번호, C 세부사업, D 추진상황, E 이행률), and all of a pledge's."""

from typing import Any

from tests.rules.cases import Case, third


def told(*rows: dict[str, Any], **line: Any) -> dict[str, Any]:
    """A return with a line of 공약현황, and lines of 세부사업현황."""
    return {"progress": [line], "subprojects": rows}


DONE = {"추진상황": "완료", "이행률(%)": 100}
# 3-4 told of two sub-tasks a quarter before.
FIRST, SECOND = ({"공약번호": "3-4", "세부사업": name} for name in ("첫째 일", "둘째 일"))
REPORTED = {"공약번호": "3-4", "이행률(%)": 30}

CASES = [
    Case("S-01", told({"공약번호": None}), told({}), "A3"),
    Case("S-02", told({"공약번호": "1-2"}), told({"공약번호": "1-2"}, 공약번호="1-2"), "A3"),
    Case("S-03", told({"세부사업": None}), told({}), "C3"),
    Case("S-03", told({"세부사업": None}), told({"세부사업": None, "공약번호": None}), "C3",
         name="of-no-pledge"),
    Case("S-04", told({}, {"세부사업": "본 사업"}), told({}, {"세부사업": "다른 일"}), "C4", ["C3"]),
    Case("S-04", told({}, {}), told({"세부사업": None}, {"세부사업": None}), "C4", name="nameless"),
    Case("S-04", told({}, {}), told({"공약번호": None}, {"공약번호": None}), "C4",
         name="of-no-pledge"),
    Case("S-05", told({"추진상황": None, "이행률(%)": 30}), told({"추진상황": None}), "D3", ["E3"]),
    Case("S-06", told({"추진상황": "거의 완료"}), told({"추진상황": "추진 중"}), "D3"),
    # The bound itself passes: 100 is a rate, 100.1 is not.
    Case("S-07", told({"이행률(%)": 100.1}), told({"이행률(%)": 100}), "E3"),
    Case("S-08", told({"추진상황": None}), told({"추진상황": None, "이행률(%)": 30}), "D3"),
    Case("S-08", told({"추진상황": None}), told({"추진상황": None, "공약번호": "1-2"}), "D3",
         name="of-another-pledge"),
    Case("S-08", told({"추진상황": None}), told({"추진상황": None, "세부사업": None}), "D3",
         name="nameless"),
    Case("S-08", told({"추진상황": None}), told({"추진상황": "추진 중"}), "D3", name="told"),
    Case("S-09", told({"세부사업": "모르는 일"}), told({"세부사업": "본 사업"}), "C3"),
    Case("S-09", told({"세부사업": "모르는 일"}), told({"세부사업": "모르는 일", "공약번호": "1-2"}),
         "C3", name="of-another-pledge"),
    Case("S-09", told({"세부사업": "모르는 일"}, {"세부사업": "모르는일"}), told({}), "C3",
         name="twice"),
    Case("S-10", told({}, **DONE), told({"추진상황": "완료"}, **DONE), "C3"),
    Case("S-10", told({}, **DONE), told({}, 추진상황="이행후계속추진", **{"이행률(%)": 100}), "C3",
         name="ongoing"),
    Case("S-11", third(REPORTED, subprojects=[FIRST]),
         third(REPORTED, subprojects=[FIRST, SECOND]), "A3"),
    Case("S-11", third(REPORTED), third(REPORTED, subprojects=[FIRST, SECOND]), "A3",
         name="without-sheet"),
    Case("S-11", third(REPORTED, subprojects=[FIRST, SECOND | {"추진상황": None}]),
         third(REPORTED, subprojects=[FIRST, SECOND]), "A3", name="blank"),
]  # fmt: skip
EARLIER_SUBPROJECTS = (FIRST, SECOND)
