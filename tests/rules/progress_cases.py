"""P: one line of 공약현황."""

from __future__ import annotations

from tests.rules.cases import (
    PLAIN,
    Case,
    progress,
    third,
)

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
]  # fmt: skip
