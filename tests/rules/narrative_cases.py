"""N: what of people stands in the texts that go out. All names and numbers are made up.

In 공약현황 H is 추진내용, I 문제점, J 향후계획; in 추진실적 C 내용; in 협업 C 기관, D 내용;
in 첨부 B 파일, C 설명.
"""

from typing import Any

from tests.rules.cases import Case, progress


def achieved(content: str, **more: Any) -> dict[str, Any]:
    return {"progress": [{}], "achievements": [{"내용": content}], **more}


def joined(**line: str) -> dict[str, Any]:
    return {"progress": [{}], "cooperation": [line]}


def pictured(**line: str) -> dict[str, Any]:
    return {"progress": [{}], "attachments": [line]}


NAMED = [{"이름": "홍길동"}]

CASES = [
    Case("N-01", progress({"추진내용": "담당자 임꺽정"}), progress({"추진내용": "담당자 교육"}), "H3"),
    # A name stands alone or not at all: 임꺽정전 is a play.
    Case("N-01", progress({"문제점": "임꺽정 주무관 병가"}), progress({"문제점": "주무관 병가"}), "I3",
         name="title"),
    Case("N-01", progress({"향후계획": "임꺽정(041-930-1234) 문의"}),
         progress({"향후계획": "도로과(041-930-1234) 문의"}), "J3", name="office-phone"),
    # A name of the file's own 담당자 counts without a title, as a word and not within one.
    Case("N-01", achieved("홍길동이 점검", contacts=NAMED), achieved("홍길동이 점검"), "C3",
         name="own-contact"),
    Case("N-01", achieved("홍길동, 점검", contacts=NAMED),
         achieved("홍길동전 공연", contacts=NAMED), "C3", name="within-a-word"),
    Case("N-01", joined(기관="한빛건설(주) 임꺽정 소장", 내용="감리"),
         joined(기관="한빛건설(주) 현장소장", 내용="감리"), "C3", name="body"),
    Case("N-01", pictured(설명="임꺽정 주무관이 점검"), pictured(설명="주무관이 점검"), "C3",
         name="picture"),
    Case("N-01", pictured(파일="임꺽정_주무관.jpg"), pictured(파일="주무관.jpg"), "B3",
         name="picture-file"),
    Case("N-02", pictured(설명="문의 010-1234-5678"), pictured(설명="문의 041-934-5678"), "C3",
         name="picture"),
    # What is only a number is the other rule's.
    Case("N-01", progress({"추진내용": "임꺽정 주무관 010-1234-5678"}),
         progress({"추진내용": "010-1234-5678"}), "H3", name="number"),
    Case("N-02", progress({"추진내용": "문의 010-1234-5678"}),
         progress({"추진내용": "문의 041-934-5678"}), "H3"),
    # A telephone has eleven digits at most, and ten at least.
    Case("N-02", progress({"추진내용": "011-234-5678"}), progress({"추진내용": "011-34-5678"}), "H3",
         name="digits"),
    Case("N-02", progress({"추진내용": "01012345678"}), progress({"추진내용": "010123456789"}), "H3",
         name="more-digits"),
    # The 13th month is no birthday, so this is another number.
    Case("N-02", achieved("901231-1234567"), achieved("901331-1234567"), "C3", name="resident"),
    Case("N-02", joined(내용="hong@example.com"), joined(내용="@example.com"), "D3", name="mail"),
    Case("N-02", progress({"추진내용": "010-1234-5678 임꺽정 주무관"}),
         progress({"추진내용": "임꺽정 주무관"}), "H3", name="name"),
]  # fmt: skip
