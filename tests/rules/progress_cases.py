"""P: one line of 공약현황."""

from typing import Any

from tests.rules.cases import (
    PLAIN,
    Case,
    progress,
    third,
)


def merged_pledge(line: dict[str, Any]) -> dict[str, Any]:
    """A return of D02 for the pledge that was merged by decision."""
    return {"department": "D02", "progress": [{"공약번호": "2-2"} | line]}


CASES = [
    Case("P-01", progress({"공약번호": None}), PLAIN, "A3"),
    Case("P-02", progress({"공약번호": "9-9"}), PLAIN, "A3"),
    Case("P-03", progress({"공약번호": "2-1"}), PLAIN, "A3"),
    Case("P-04", progress({}, {"이행률(%)": 70}), progress({}, {"공약번호": "1-2"}), "A4", ["A3"]),
    Case("P-05", progress({"추진상황": None}), PLAIN, "C3"),
    Case("P-06", progress({"추진상황": "거의 완료"}), progress({"추진상황": "추진 중"}), "C3"),
    # The bound itself passes: 100 is a rate, 100.1 is not.
    Case("P-07", progress({"이행률(%)": 100.1}), progress({"추진상황": "완료", "이행률(%)": 100}), "D3"),
    Case("P-08", progress({"이행률(%)": None}), PLAIN, "D3"),
    Case("P-09", progress({"추진상황": "완료", "이행률(%)": 99.9}),
         progress({"추진상황": "완료", "이행률(%)": 100}), "D3", ["C3"]),
    Case("P-10", progress({"이행률(%)": 100}), progress({"이행률(%)": 99.9}), "C3", ["D3"]),
    # 1-3 was due in 2020; a pledge due in the reporting year itself is still in time.
    Case("P-11", progress({"공약번호": "1-3", "완료연도": 2020}), progress({"완료연도": 2022}), "C3", ["G3"]),
    Case("P-12", progress({"추진상황": "시기미도래", "이행률(%)": 60}),
         progress({"공약번호": "1-2", "추진상황": "시기미도래", "이행률(%)": 0}), "D3", ["C3"]),
    Case("P-13", progress({"공약번호": "1-2", "이행률(%)": 0.6}),
         progress({"공약번호": "1-2", "이행률(%)": 1}), "D3"),
    Case("P-14", progress({"목표달성": "거의"}), progress({"목표달성": "미달성"}), "E3"),
    Case("P-25", progress({"평가등급": "최우수"}), progress({"평가등급": "우수"}), "L3"),
    Case("P-15", progress({"완료시기": "언젠가"}), PLAIN, "F3"),
    Case("P-16", progress({"완료연도": 2021}), progress({"완료연도": 2022}), "F3", ["G3"]),
    Case("P-17", progress({"공약명": "전혀 다른 이름"}), progress({"공약명": "작은 도서관 열 곳 짓기"}), "B3"),
    Case("P-18", progress({"공약번호": "1-5"}), progress({"공약번호": "1-5", "추진상황": "폐기"}), "C3"),
    Case("P-19", progress({"추진상황": "완료", "이행률(%)": 100}), PLAIN, "C3"),
    Case("P-20", progress({}, {"공약번호": "1-2", "추진상황": None, "이행률(%)": None, "완료시기": None,
                              "완료연도": None, "추진내용": None}), PLAIN, None),
    # It was 30 in the third quarter.
    Case("P-21", third({"공약번호": "3-4", "이행률(%)": 31, "추진내용": None}),
         third({"공약번호": "3-4", "이행률(%)": 30, "추진내용": None}), "H3", ["D3"]),
    Case("P-21", third({"공약번호": "3-4", "이행률(%)": 31, "추진내용": None}),
         third({"공약번호": "3-4", "이행률(%)": 31}), "H3", ["D3"], name="content"),
    Case("P-22", third({"공약번호": "3-4", "이행률(%)": 80}),
         third({"공약번호": "3-4", "이행률(%)": 79.9}), "D3"),
    # 1-5 is dropped by decision, 3-4 is not.
    Case("P-23", third({"공약번호": "3-4", "추진상황": "폐기", "이행률(%)": 30}),
         progress({"공약번호": "1-5", "추진상황": "폐기"}), "C3"),
    Case("P-07", progress({"이행률(%)": -0.5}), progress({"추진상황": "시기미도래", "이행률(%)": 0}), "D3",
         name="low"),
    # 0 is a rate and asks why; one below 0 is P-07's.
    Case("P-09", progress({"추진상황": "완료", "이행률(%)": 0}),
         progress({"추진상황": "완료", "이행률(%)": -1}), "D3", name="zero"),
    # Due in 2021 and it is 2021: still in time.
    Case("P-11", progress({"공약번호": "1-3", "완료연도": 2020}),
         third({"공약번호": "3-6", "완료연도": 2021}), "C3", name="same-year"),
    # 100 is P-10's.
    Case("P-12", progress({"추진상황": "시기미도래", "이행률(%)": 99.9}),
         progress({"추진상황": "시기미도래", "이행률(%)": 100}), "D3", name="high"),
    Case("P-12", progress({"추진상황": "시기미도래", "이행률(%)": 0.1}),
         progress({"추진상황": "시기미도래", "이행률(%)": 0}), "D3", name="low"),
    Case("P-13", progress({"이행률(%)": 0.99}), progress({"이행률(%)": 0}), "D3", name="zero"),
    # From 30 to 100 is a jump; above 100 is P-07's.
    Case("P-22", third({"공약번호": "3-4", "이행률(%)": 100}),
         third({"공약번호": "3-4", "이행률(%)": 100.1}), "D3", name="whole"),
    # Every code and every kind that a rule names.
    Case("P-05", progress({"추진상황": "-"}), progress({"추진상황": "보류"}), "C3", name="dash"),
    Case("P-08", progress({"이행률(%)": "-"}), progress({"이행률(%)": 0}), "D3", name="dash"),
    Case("P-09", progress({"추진상황": "이행후계속추진", "이행률(%)": 99.9}),
         progress({"추진상황": "이행후계속추진", "이행률(%)": 100}), "D3", ["C3"], name="ongoing"),
    Case("P-10", progress({"추진상황": "일부추진", "이행률(%)": 100}),
         progress({"추진상황": "완료", "이행률(%)": 100}), "C3", name="completed"),
    Case("P-10", progress({"추진상황": "일부추진", "이행률(%)": 100}),
         progress({"추진상황": "이행후계속추진", "이행률(%)": 100}), "C3", name="ongoing"),
    Case("P-18", merged_pledge({}), merged_pledge({"추진상황": "통폐합"}), "C3",
         name="merged"),
    Case("P-18", merged_pledge({}), merged_pledge({"추진상황": "폐기"}), "C3",
         name="dropped"),
    Case("P-19", progress({"추진상황": "이행후계속추진", "이행률(%)": 100}), progress({}), "C3",
         name="ongoing"),
    Case("P-23", third({"공약번호": "3-4", "추진상황": "통폐합", "이행률(%)": 30}),
         merged_pledge({"추진상황": "통폐합"}), "C3", name="merged"),
    # The name is the register's of 1-2.
    Case("P-24", progress({"공약명": "밤길 밝은 골목 만들기"}),
         progress({"공약명": "작은도서관 열 곳 짓기"}), "B3"),
]  # fmt: skip
