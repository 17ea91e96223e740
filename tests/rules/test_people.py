"""What of people is found in texts that are to be published, and what is no person.

All names and numbers are made up.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from etl.warehouse import transaction

KNOWN = ["홍길동", "성춘향", "이준"]
MAILS = ["road@gu.example"]

NAMES = {
    "담당자 홍길동": "담당자 ○○○",
    "담당자: 임꺽정": "담당자 ○○○",
    "담당 임꺽정(041-930-1234)": "담당 ○○○",
    "김철수 주무관 041-930-1234": "○○○ 주무관",
    "김철수주무관이 현장을 점검": "○○○ 주무관",
    "관광과장 임꺽정 외 3명": "과장 ○○○",
    "도시재생과 박문수(팀장)가 설명": "○○○ 팀장",
    "자문: 남궁원희 교수": "○○○ 교수",
    "주민 장보고씨의 제안": "○○○ 씨",
    "임꺽정 ☎041-930-1234": "○○○ ☎",
    "문의 임꺽정(930-1234)": "○○○ ☎",
    "041-930-1234(임꺽정)": "○○○ ☎",
    "홍길동이 설계를 마침": "○○○",
    "현장 확인: 성 춘 향": "○○○",
    "총괄 홍길동, 감리 한빛건설": "○○○",
    "이준 주무관 배치": "○○○",
}
NUMBERS = {
    "문의 010-1234-5678": "휴대전화 01○-○○○○-○○○○",
    "01012345678로 연락": "휴대전화 01○-○○○○-○○○○",
    "+82 10-1234-5678": "휴대전화 01○-○○○○-○○○○",
    "０１０－１２３４－５６７８": "휴대전화 01○-○○○○-○○○○",
    "016.123.4567": "휴대전화 01○-○○○○-○○○○",
    "900101-1234567": "주민등록번호 ○○○○○○-○○○○○○○",
    "신청자 900101-1******": "주민등록번호 ○○○○○○-○○○○○○○",
    "kim.cs@gu.example로 회신": "메일 ○○○@gu.example",
}
NOBODY = [
    "관광과장 주재 회의", "시장 공약 사업 보고회", "시장 주차장 정비", "남대문 시장 현대화 사업",
    "대표전화 041-930-1234", "도로과 041-930-1234", "문의처 041-930-1234", "도서관(930-1234)",
    "관광과 ☎ 930-1234", "사업번호 2021-0101-1234567", "예산 1,234,567,890원", "총 12,345백만원 집행",
    "2021-12-31까지 준공", "2021.12.31.~2022.6.30.", "2019-2021 신도시 2021-2024 조성",
    "담당 공무원 교육 12회", "담당자 변경에 따른 지연", "담당자 지정을 마침", "담당 주무관이 공석",
    "전문가 위원 5명 위촉", "민간인 위원 위촉", "위원장 선출을 마침", "서초구 의원 간담회", "주민자치위원회 위원 위촉",
    "정보화 팀장 공석", "팀장 정기회의", "과장 전결로 처리", "신도시 대표 축제", "노동자 대표 간담회",
    "서교동 통장 회의", "한빛건설(주)와 계약", "고양시 시장군수협의회", "이장단 회의", "강사 채용 공고",
    "추진율 100 % 달성, 이행후계속추진", "홍길동상 제막식", "홍길동전 공연", "road@gu.example로 접수",
    "임기후 준공 예정", "장애인 복지관 개관", "이동 도서관 3대", "면적 0.1012345678 ㎢", "선생님 연수 3회",
    "조성원가 공개", "제2차 추경 확보(1,200백만원)", "신청사 건립", "문화재청 협의 완료", "강남구 구청장 협의",
    "민원인 대표 면담", "주민 의견 010건 수렴", "계약번호 20210101-00", "3-4호기 교체", "전화 상담 1,588-1234건",
    "이준 열사 기념관",
]  # fmt: skip


def seen(said: Iterable[str], known: list[str] = KNOWN) -> list[tuple[list[str], list[str]]]:
    """Return what of people is found in texts, masked: of each the names, then all else."""
    query = text(
        "SELECT is_name, shown FROM core.people_in(:said, core.people_known('x')"
        " || jsonb_build_object('mails', CAST(:mails AS jsonb)), :known) ORDER BY 2"
    )
    shown = []
    with transaction() as connection:
        for one in said:
            asked = {"said": one, "known": known, "mails": json.dumps(MAILS)}
            found = connection.execute(query, asked).all()
            shown.append(([s for is_name, s in found if is_name],
                          [s for is_name, s in found if not is_name]))  # fmt: skip
    return shown


def test_a_name_is_found_and_masked(home: Path) -> None:
    found = seen(NAMES)
    assert dict(zip(NAMES, found, strict=True)) == {k: ([v], []) for k, v in NAMES.items()}


def test_a_number_of_a_person_is_found_and_masked(home: Path) -> None:
    found = [numbers for _, numbers in seen(NUMBERS)]
    assert dict(zip(NUMBERS, found, strict=True)) == {k: [v] for k, v in NUMBERS.items()}


def test_what_is_no_person_is_left_alone(home: Path) -> None:
    found = zip(NOBODY, seen(NOBODY), strict=True)
    assert [one for one in found if one[1] != ([], [])] == []
