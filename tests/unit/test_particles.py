"""Particles: examples worked out by hand, and Python and SQL held to the same choice."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import text

from etl import check
from etl.check.messages import message_sql
from etl.particles import PAIRS, WRITTEN_PAIR, last_sound, with_particles
from etl.problems import UsageError
from etl.warehouse import transaction

# (text before the particle, how it is read, 은/는, 으로/로)
EXAMPLES = [
    # Hangul: 과 has no final sound, 팀 ends in ㅁ, 시설 in ㄹ.
    ("문화체육과", "과", "는", "로"), ("기획팀", "팀", "은", "으로"), ("시설", "설", "은", "로"),
    ("국비", "비", "는", "로"), ("기금", "금", "은", "으로"), ("임기 내", "내", "는", "로"),
    ("완료", "료", "는", "로"), ("정상추진", "진", "은", "으로"), ("서울", "울", "은", "로"),
    # One digit: 영 일 이 삼 사 오 육 칠 팔 구.
    ("0", "영", "은", "으로"), ("1", "일", "은", "로"), ("2", "이", "는", "로"),
    ("3", "삼", "은", "으로"), ("4", "사", "는", "로"), ("5", "오", "는", "로"),
    ("6", "육", "은", "으로"), ("7", "칠", "은", "로"), ("8", "팔", "은", "로"),
    ("9", "구", "는", "로"),
    # Zeros at the end: 십 백 천 만 십만 백만 천만 억 조 경.
    ("10", "십", "은", "으로"), ("100", "백", "은", "으로"), ("1000", "천", "은", "으로"),
    ("1,000", "천", "은", "으로"), ("10,000", "만", "은", "으로"),
    ("100,000", "십만", "은", "으로"), ("20,000,000", "이천만", "은", "으로"),
    ("300,000,000", "삼억", "은", "으로"), ("1,000,000,000,000", "일조", "는", "로"),
    ("10,000,000,000,000,000", "일경", "은", "으로"), ("12", "십이", "는", "로"),
    ("1,234", "사", "는", "로"), ("7,100", "백", "은", "으로"), ("000", "영", "은", "으로"),
    # Decimals digit by digit: 66.67 칠, 0.50 영, 0.5 오.
    ("66.67", "칠", "은", "로"), ("0.50", "영", "은", "으로"), ("0.5", "오", "는", "로"),
    ("100.0", "영", "은", "으로"), ("-3", "삼", "은", "으로"),
    # Pledge ids and quarters by their last digit, days as 일.
    ("1-2", "이", "는", "로"), ("지역경제-9", "구", "는", "로"), ("III-①-1", "일", "은", "로"),
    ("2021Q4", "사", "는", "로"), ("2022-01-12", "십이일", "은", "로"), ("②", "이", "는", "로"),
    ("3", "삼", "은", "으로"),
    # Latin letters by their names: 알 엘 엠 엔, all others open.
    ("R", "알", "은", "로"), ("R1", "일", "은", "로"), ("XL", "엘", "은", "로"),
    ("km", "엠", "은", "으로"), ("LAN", "엔", "은", "으로"), ("PDF", "에프", "는", "로"),
    ("보고서.xlsx", "엑스", "는", "로"), ("보고서.html", "엘", "은", "로"), ("D", "디", "는", "로"),
    # Signs, quotes and brackets are not read; what brackets add to a word neither.
    ("'국비'", "비", "는", "로"), ("「기금」", "금", "은", "으로"), ("(없음)", "음", "은", "으로"),
    ("공약 1-2(가람길)", "이", "는", "로"), ("이행률(%)", "률", "은", "로"),
    ("가람과(D01) ", "과", "는", "로"), ("50%", "퍼센트", "는", "로"), ("1.5%p", "피", "는", "로"),
    ("60조 원", "원", "은", "으로"), ("'(없음)'", "음", "은", "으로"), ("다.", "다", "는", "로"),
    # Single letters of Hangul by their names: 이응, 리을, 아.
    ("ㅇㅇ", "이응", "은", "으로"), ("ㄹ", "리을", "은", "로"), ("ㅏ", "아", "는", "로"),
    # Nothing to read: as after a consonant.
    ("-", "", "은", "으로"), ("", "", "은", "으로"), ("…", "", "은", "으로"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "reading", "topic", "direction"), EXAMPLES)
def test_a_particle_follows_the_reading(
    before: str, reading: str, topic: str, direction: str
) -> None:
    assert PAIRS["은(는)"].after(before) == topic, reading
    assert PAIRS["(으)로"].after(before) == direction, reading


def test_there_are_enough_examples() -> None:
    assert len({before for before, *_ in EXAMPLES}) >= 60


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("공약 1-2은(는) 국비이(가) 없어 기금을(를) 썼다.", "공약 1-2는 국비가 없어 기금을 썼다."),
        ("기금와(과) 국비과(와) 시비", "기금과 국비와 시비"),
        ("10(으)로 적힌 8(으)로", "10으로 적힌 8로"),
        ("완료(이)라 하고 보류(이)라", "완료라 하고 보류라"),
        ("과장이었(였)고 국비이었(였)다", "과장이었고 국비였다"),
        ("기획팀(이)며 총무과(이)며", "기획팀이며 총무과며"),
        ("기획팀(이)나 총무과(이)나", "기획팀이나 총무과나"),
        ("가람아(야)", "가람아"),
        # The choice before it is part of what is read: 를 would make another word of it.
        ("시비을(를)은(는)", "시비를은"),
        ("쌍이 없으면 그대로(같은 글)", "쌍이 없으면 그대로(같은 글)"),
    ],
)
def test_every_pair_of_a_text_is_chosen(written: str, shown: str) -> None:
    assert with_particles(written) == shown


def test_a_name_that_a_mac_took_apart_is_read_like_any_other() -> None:
    assert with_particles(unicodedata.normalize("NFD", "기획팀") + "은(는)").endswith("은")
    assert with_particles(unicodedata.normalize("NFD", "총무과") + "은(는)").endswith("는")


def test_our_own_faults_choose_too() -> None:
    fault = UsageError("기관 4510000을(를) 모릅니다.", "그대로입니다.", "inbox을(를) 보십시오.")
    assert str(fault) == "기관 4510000을 모릅니다. 그대로입니다. inbox를 보십시오."
    assert fault.happened == "기관 4510000을 모릅니다."


@given(st.text())
def test_no_text_keeps_a_pair(before: str) -> None:
    for written in PAIRS:
        assert not WRITTEN_PAIR.search(with_particles(f"값{before}{written}"))


# What senders write, and its surroundings; new characters of Unicode may compose differently in a
# database of another version.
_WRITTEN = st.text(
    st.one_of(
        st.sampled_from("0123456789,.-%()'\"「」 ㄱㄹㅎㅏㅣ①②⑩Ⅲ㎡㎏LlMmNnRr\n·…"),
        st.characters(min_codepoint=0x20, max_codepoint=0x7E),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.characters(min_codepoint=0x1100, max_codepoint=0x1175),
        st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=50)
@given(words=st.lists(_WRITTEN, min_size=40, max_size=40))
def test_the_warehouse_chooses_alike(home: Path, words: list[str]) -> None:
    asked = [*words, *(before for before, *_ in EXAMPLES)]
    with transaction() as connection:
        found = connection.execute(
            text(
                "SELECT core.last_sound(word), core.particle(word, '으로', '로'),"
                " core.particle(word, '은', '는')"
                " FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS t (word, n) ORDER BY n"
            ),
            {"words": asked},
        ).all()
    direction, topic = PAIRS["(으)로"], PAIRS["은(는)"]
    assert [tuple(row) for row in found] == [
        (last_sound(word).value, direction.after(word), topic.after(word)) for word in asked
    ]


def test_a_finding_chooses_for_its_value_and_leaves_the_senders_words(home: Path) -> None:
    expression, parameters = message_sql("공약 {pledge}({seen})이(가) '{expected}'와(과) 다르다.")
    query = (
        f"SELECT {expression} FROM (VALUES ('1-2', '길은(는)', '시비'), ('1-3', '', '기금'))"
        " AS said (pledge, seen, expected)"
    )
    with transaction() as connection:
        told = connection.execute(text(query), parameters).scalars().all()
    assert told == ["공약 1-2(길은(는))가 '시비'와 다르다.", "공약 1-3()이 '기금'과 다르다."]


def test_no_rule_is_shown_with_a_pair() -> None:
    shown = [rule.shown_message for rule in check.rules()]
    assert len(shown) > 100
    assert not [message for message in shown if WRITTEN_PAIR.search(message)]
    assert not [message for message in shown if re.search(r"[{}]", message)]


ROOT = Path(__file__).parents[2]
# What chooses for the texts handed to it: our faults, the shell's sentences, the function itself.
_CHOOSING = {
    *("OutageError", "SystemFault", "UsageError", "refused", "_refused", "happened"),
    *("print", "print_table", "told", "with_particles"),
    *("good", "remark", "broken"),
}


def _unchosen(tree: ast.AST, is_chosen: bool = False) -> Iterator[str]:
    """Yield every text of the code with a pair in it that nothing chooses for."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        if not is_chosen and WRITTEN_PAIR.search(tree.value):
            yield tree.value
        return
    if isinstance(tree, ast.Call):
        called = tree.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        is_chosen = is_chosen or name in _CHOOSING
    if isinstance(tree, ast.Assign):
        # A part of a message, put together in the call below it.
        is_chosen = {getattr(target, "id", "") for target in tree.targets} <= _PARTS
    for child in ast.iter_child_nodes(tree):
        yield from _unchosen(child, is_chosen)


_PARTS = {"done", "happened", "same", "told"}


@pytest.mark.slow
def test_no_text_of_the_code_is_shown_with_a_pair() -> None:
    files = [*ROOT.glob("etl/**/*.py"), *ROOT.glob("dags/*.py")]
    written = [(path, told) for path in files if path.name != "particles.py"
               for told in _unchosen(_without_docstrings(path))]  # fmt: skip
    assert not written
    assert len(files) > 100


def _without_docstrings(path: Path) -> ast.AST:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_bare_text(one)]  # type: ignore[attr-defined]
    return tree


def _is_bare_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_no_text_of_data_but_a_rules_message_has_a_pair() -> None:
    others = [*ROOT.glob("etl/forms/**/*.*"), *ROOT.glob("etl/publish/templates/*"),
              *ROOT.glob("sql/**/*.sql"), *ROOT.glob("samples/*")]  # fmt: skip
    assert len(others) > 50
    assert not [path for path in others if WRITTEN_PAIR.search(path.read_text(encoding="utf-8"))]
