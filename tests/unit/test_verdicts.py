"""What a printed value is: by hand from published cases, and by properties."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, strategies as st

from etl.figures.verdicts import (
    MOST_BEHIND,
    Kind,
    Named,
    Parts,
    Printed,
    Recomputed,
    Verdict,
    half_up,
    judge,
    rounded_up,
    told,
    truncated,
)

D = Decimal


def share(above: int, below: int, **more: object) -> Recomputed:
    return Recomputed(Kind.SHARE, Parts(D(above), D(below)), **more)  # type: ignore[arg-type]


def said(value: str, known: Recomputed) -> tuple[str, str]:
    printed = Printed(D(value), len(value.partition(".")[2]))
    judged = judge(printed, known)
    return judged.verdict, told(printed, known, judged)


@pytest.mark.parametrize(
    ("value", "known", "verdict", "sentence"),
    [
        ("68.4", share(54, 79), "AGREES", "79건 중 54건은 68.4"),
        ("68", share(54, 79), "AGREES", "79건 중 54건은 68"),
        # 54 / 79 = 68.354…
        ("68.3", share(54, 79), "TRUNCATED", "79건 중 54건은 68.4; 68.3은 68.3544…에서 버린 값"),
        ("69", share(54, 79), "ROUNDED_UP", "79건 중 54건은 68; 69는 68.354…에서 올린 값"),
        ("67.1", share(54, 79), "STALE", "79건 중 54건은 68.4; 67.1은 79건 중 53건"),
        (
            "67.1",
            share(54, 79, earlier=(Named("2021Q3", Parts(D(53), D(79))),)),
            "STALE",
            "79건 중 54건은 68.4; 67.1은 2021Q3의 79건 중 53건",
        ),
        # 54 / 75: the same pledges of those due within the term.
        (
            "72.0",
            share(54, 79, others=(Named("임기내 공약", Parts(D(54), D(75))),)),
            "OTHER_DENOMINATOR",
            "79건 중 54건은 68.4; 72.0은 분모가 다른 75건 중 54건(임기내 공약)",
        ),
        (
            "50.6",
            share(54, 79),
            "NOT_RECOMPUTED",
            "79건 중 54건은 68.4; 50.6은 40건이라야 나오는 값",
        ),
        (
            "50.0",
            share(54, 79),
            "NOT_RECOMPUTED",
            "79건 중 54건은 68.4; 50.0은 어떤 건수로도 나오지 않는 값",
        ),
        (
            "77.7",
            Recomputed(Kind.AVERAGE, Parts(D(5048), D(65))),
            "AGREES",
            "65건의 이행률 합 5,048은 77.7",
        ),
        (
            "78.0",
            Recomputed(Kind.AVERAGE, Parts(D(5048), D(65))),
            "NOT_RECOMPUTED",
            "65건의 이행률 합 5,048은 77.7; 78.0은 +0.3 %p 다른 값",
        ),
        # 7,426 / 15,165 = 48.9680…
        (
            "48.96",
            Recomputed(Kind.MONEY_SHARE, Parts(D(7_426_000_000), D(15_165_000_000))),
            "TRUNCATED",
            "15,165,000,000원 중 7,426,000,000원은 48.97; 48.96은 48.96801…에서 버린 값",
        ),
        (
            "1235",
            Recomputed(Kind.AMOUNT, Parts(D(1_234_500_000))),
            "AGREES",
            "1,234,500,000원은 1,235백만원",
        ),
        (
            "1233",
            Recomputed(Kind.AMOUNT, Parts(D(1_234_500_000))),
            "NOT_RECOMPUTED",
            "1,234,500,000원은 1,235백만원; 1,233백만원은 -2백만원 다른 값",
        ),
        ("64", Recomputed(Kind.COUNT, Parts(D(65))), "NOT_RECOMPUTED",
         "65건; 64건은 -1건 다른 값"),
        (
            "3",
            Recomputed(Kind.COUNT, Parts(D(2)), senses=(Named("완료 2건 + 계속 1건", Parts(D(3))),)),
            "AGREES",
            "2건; 3건은 완료 2건 + 계속 1건",
        ),
        (
            "2",
            Recomputed(Kind.COUNT, Parts(D(2)), senses=(Named("완료 2건 + 계속 1건", Parts(D(3))),)),
            "AGREES",
            "2건",
        ),
        (
            "64",
            Recomputed(Kind.COUNT, Parts(D(65)), (Named("2021Q3", Parts(D(64))),)),
            "STALE",
            "65건; 64건은 2021Q3의 64건",
        ),
        (
            "0.0",
            Recomputed(Kind.SHARE, None, reason="분모가 0입니다"),
            "NOT_RECOMPUTED",
            "다시 계산할 수 없음: 분모가 0입니다",
        ),
    ],
)  # fmt: skip
def test_published_cases(value: str, known: Recomputed, verdict: str, sentence: str) -> None:
    assert said(value, known) == (verdict, sentence)


def test_an_amount_printed_in_hundred_millions() -> None:
    """7,002,450 백만원 printed as 70,025억: -2 decimals of 백만원."""
    known = Recomputed(Kind.AMOUNT, Parts(D(7_002_450_000_000)))
    assert judge(Printed(D(7_002_500), -2), known).verdict == Verdict.AGREES
    cut_off = Printed(D(7_002_400), -2)
    assert judge(cut_off, known).verdict == Verdict.TRUNCATED
    assert told(cut_off, known, judge(cut_off, known)) == (
        "7,002,450,000,000원은 7,002,500백만원; 7,002,400백만원은 7,002,450.000에서 버린 값"
    )


PLACES = st.integers(-2, 6)
NUMBERS = st.decimals(-(10**9), 10**9, places=3)


@given(NUMBERS, PLACES)
def test_the_roundings_are_those_of_decimal(number: Decimal, places: int) -> None:
    unit = D(1).scaleb(-places)
    for ours, theirs in ((half_up, ROUND_HALF_UP), (truncated, ROUND_DOWN), (rounded_up, ROUND_UP)):
        assert ours(Fraction(number), places) == Fraction(number.quantize(unit, theirs))


@st.composite
def shares(draw: st.DrawFn) -> Recomputed:
    below = draw(st.integers(1, 300))
    return share(draw(st.integers(0, below)), below)


def _printed(value: Fraction, places: int) -> Printed:
    return Printed(D(int(value * 10**6)).scaleb(-6), places)


@given(shares(), st.integers(0, 6))
def test_half_up_agrees(known: Recomputed, places: int) -> None:
    assert known.parts
    printed = _printed(half_up(known.value(known.parts), places), places)
    assert judge(printed, known).verdict == Verdict.AGREES


@given(shares(), st.integers(0, 6))
def test_what_is_cut_off_or_rounded_up_and_differs_is_told(known: Recomputed, places: int) -> None:
    assert known.parts
    exact = known.value(known.parts)
    down, up, usual = (way(exact, places) for way in (truncated, rounded_up, half_up))
    for value, verdict in ((down, Verdict.TRUNCATED), (up, Verdict.ROUNDED_UP)):
        expected = Verdict.AGREES if value == usual else verdict
        assert judge(_printed(value, places), known).verdict == expected
    assert {down, up} >= {usual}


@given(shares(), st.integers(0, 3), st.integers(0, 10**8))
def test_a_verdict_is_proved_by_its_parts(known: Recomputed, places: int, digits: int) -> None:
    """Whatever is printed: the proof gives the printed value by the verdict's own rounding."""
    printed = Printed(D(digits % (101 * 10**places)).scaleb(-places), places)
    judged = judge(printed, known)
    way = {Verdict.TRUNCATED: truncated, Verdict.ROUNDED_UP: rounded_up}.get(
        judged.verdict, half_up
    )
    if judged.verdict is Verdict.NOT_RECOMPUTED:
        assert judged.proof is None
        return
    assert judged.proof
    assert way(known.value(judged.proof), places) == Fraction(printed.value)


@given(st.integers(10, 300), st.integers(1, MOST_BEHIND + 1), st.data())
def test_a_few_pledges_fewer_are_stale_and_no_more(
    below: int, fewer: int, data: st.DataObject
) -> None:
    above = data.draw(st.integers(fewer, below))
    known = share(above, below)
    value = half_up(known.value(Parts(D(above - fewer), D(below))), 2)
    judged = judge(_printed(value, 2), known)
    if fewer <= MOST_BEHIND:
        assert judged == (Verdict.STALE, Parts(D(above - fewer), D(below)), "")
    else:
        assert judged.verdict is Verdict.NOT_RECOMPUTED


@given(shares(), st.integers(1, 300))
def test_an_earlier_quarter_goes_before_another_denominator(known: Recomputed, below: int) -> None:
    assert known.parts
    proof = Parts(known.parts.numerator, D(below))
    value = half_up(known.value(proof), 1)
    assume(judge(_printed(value, 1), known).verdict is Verdict.NOT_RECOMPUTED)
    earlier = (Named("2021Q3", proof),)
    both = Recomputed(Kind.SHARE, known.parts, earlier, (Named("다른 분모", proof),))
    assert judge(_printed(value, 1), both) == (Verdict.STALE, proof, "2021Q3")
    alone = Recomputed(Kind.SHARE, known.parts, (), both.others)
    assert judge(_printed(value, 1), alone) == (Verdict.OTHER_DENOMINATOR, proof, "다른 분모")
