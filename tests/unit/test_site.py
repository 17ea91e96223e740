"""The site as a pure function: addresses, words, pictures, and which release each page tells."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import given, strategies as st

from etl.form import code_names
from etl.measures import measures
from etl.palette import STATUS
from etl.period import parse_period
from etl.problems import SystemFault
from etl.publish.retraction import TOLD
from etl.site import is_own, is_read, site
from etl.site.addresses import file_name, link, pledge_page
from etl.site.pictures import Point, course, status_bar
from etl.site.releases import NOTICE, Release, Term
from etl.site.stories import stories
from etl.site.words import rate, sentence, won, words
from tests.figures.publications import GOVERNMENT, figure
from tests.figures.site_world import IDS, QUARTERS, REASON, read, releases, retract, write_releases

Site = Mapping[str, bytes]
NEWEST = f"{QUARTERS[-1]}/r2"


@pytest.fixture(scope="module")
def frozen() -> tuple[Mapping[str, bytes], Sequence[str]]:
    return releases()


@pytest.fixture(scope="module")
def made(frozen: tuple[Mapping[str, bytes], Sequence[str]]) -> Site:
    return site(GOVERNMENT, *frozen)


def page(made: Site, path: str) -> str:
    return made[path].decode()


# -- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("1-2", "1-2"),
        ("가-1", "가-1"),
        ("../x", "~2e~2e~2fx"),
        ("1/2", "1~2f2"),
        ("III-2", "_i_i_i-2"),
        ("", "~"),
        ("가\u3131", "가~e3~84~b1"),
    ],
)
def test_an_address_says_its_id(identifier: str, name: str) -> None:
    assert file_name(identifier) == name


@given(st.lists(st.text(max_size=200), min_size=2, max_size=6, unique=True))
def test_two_ids_never_share_a_name_and_every_name_is_safe(ids: list[str]) -> None:
    ids = [one.encode(errors="ignore").decode() for one in ids]
    names = [file_name(one) for one in dict.fromkeys(ids)]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[-a-z0-9_~가-힣]{1,}", name)
        assert len(f"{name}.html".encode()) <= 255


def test_a_page_leads_to_another_from_where_it_lies() -> None:
    assert link("pledges/7/1-2.html", "index.html") == "../../index.html"
    assert link("index.html", "pledges/7/가-1.html") == "pledges/7/%EA%B0%80-1.html"
    assert link("pledges/7/1-2.html", "pledges/7.html#list") == "../7.html#list"


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, "0 원"),
        (0, "0 원"),
        (9_999, "9,999 원"),
        (25_000_000, "2,500만 원"),
        (2_950_000_000, "29억 5,000만 원"),
        (3_700_000_000, "37억 원"),
        (99_999_999, "1억 원"),  # 9,999.9999만, half-up
        (999_999_999_999, "1조 원"),
        (25_870_504_999, "258억 7,050만 원"),
        (1_516_500_000_000, "1조 5,165억 원"),
        (1_999_999_999_999, "2조 원"),
        (-2_500_000_000, "-25억 원"),
    ],
)
def test_money_is_said_in_two_units(amount: int | None, said: str) -> None:
    assert won(amount) == said


def test_a_rate_has_the_decimals_it_needs() -> None:
    assert [rate(Decimal(one)) for one in ("100", "99.50", "0", "33.3")] == ["100", "99.5", "0",
                                                                             "33.3"]  # fmt: skip
    assert rate(None) == ""


def test_a_figure_is_a_sentence_with_its_number_set_large() -> None:
    assert sentence(figure("R2", "21", "92", "22.8", "22.83")) == (
        "공약 92개 가운데 <strong>21개</strong>를 마쳤습니다"
    )
    assert "<strong>74억 2,600만 원</strong>을 마련" in sentence(
        figure("B1", "7426000000", "15165000000", "48.97", "48.97")
    )
    assert sentence(figure("B6", "0", "0", None, "해당 없음")) == ""


def test_every_headline_and_every_code_has_its_words() -> None:
    for code in (*measures().headlines, *measures().opening):
        assert measures().figures[code].plain.count("*") == 2
        assert measures().figures[code].english
    assert [*words().statuses] == [*code_names("status")] == [*STATUS]
    assert [*words().verdicts] == [*code_names("published_verdict")]
    assert {*words().sources} <= {*code_names("funding_source")}


# -- pictures -------------------------------------------------------------------------------------


def test_a_picture_says_its_numbers_and_stands_in_its_frame() -> None:
    rows = [SimpleNamespace(status_code="NEW<CODE>", status_name="<새것>", pledge_count=1),
            SimpleNamespace(status_code="COMPLETED", status_name="완료", pledge_count=99)]  # fmt: skip
    drawn = status_bar(rows, "상태")
    assert 'aria-label="상태: &lt;새것&gt; 1개, 완료 99개"' in drawn
    assert 'class="f-OTHER"' in drawn
    assert sum(map(Decimal, re.findall(r'<rect x="[^"]*" y="0" width="([\d.]+)%"', drawn))) == 100
    assert status_bar([], "상태") == ""


def test_of_many_quarters_a_few_are_told_in_letters_and_the_last_always() -> None:
    points = [Point(f"Q{n}", Decimal(n * 6) if n else None, "ON_TRACK", "정상추진")
              for n in range(16)]  # fmt: skip
    drawn = course(points, "분기")
    told = re.findall(r'class="when">(Q\d+)<', drawn)
    assert len(told) <= 5
    assert told[-1] == "Q15"
    assert drawn.count("<circle") == 15  # the first quarter has no rate
    assert drawn.count('class="course"/>') == 14
    assert "Q0 정상추진 이행률 없음" in drawn


# -- pages ----------------------------------------------------------------------------------------


def test_the_same_releases_give_the_same_bytes(
    frozen: tuple[Mapping[str, bytes], Sequence[str]], made: Site
) -> None:
    files, names = frozen
    again = site(GOVERNMENT, dict(reversed(files.items())), [*reversed(names)])
    assert again == made
    assert [*again] == [*made]
    assert [*made][-1] == "index.html"
    assert all(is_own(path) for path in made)
    # What is written anew is no input.
    assert site(GOVERNMENT, {**files, **made}, [*names, *made]) == made


def test_what_lies_beside_the_site_is_not_its_own() -> None:
    for path in (f"{NEWEST}/보고서.html", "2021Q4/취합.xlsx", "naver1234.html", "robots.txt",
                 "그림/로고.png"):  # fmt: skip
        assert not is_own(path)
    assert is_read(f"{NEWEST}/json/pledges.json")
    assert is_read(f"{NEWEST}/{TOLD}")
    assert NOTICE == TOLD
    assert not is_read("pledges/7/json/x.json")
    assert not is_read(f"{NEWEST}/보고서.html")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.found += [told[name] or "" for name in ("href", "src", "data-to") if name in told]
        self.ids |= {told["id"] or ""} if "id" in told else set()


def _parsed(html: bytes) -> _Links:
    parser = _Links()
    parser.feed(html.decode())
    return parser


def test_every_link_leads_to_what_is_there(
    frozen: tuple[Mapping[str, bytes], Sequence[str]], made: Site
) -> None:
    there = {*frozen[1], *made}
    pages = {path: _parsed(html) for path, html in made.items() if path.endswith(".html")}
    assert len(pages) > 30
    for path, parser in pages.items():
        for href in parser.found:
            parts = urlsplit(href)
            assert not parts.scheme, href
            assert not parts.netloc, href
            target = _joined(path, unquote(parts.path)) if parts.path else path
            assert target in there, (path, href)
            if parts.fragment and "=" not in parts.fragment:
                assert parts.fragment in pages[target].ids, (path, href)


def _joined(page: str, way: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / way).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def test_hostile_texts_are_only_texts(made: Site) -> None:
    for path, content in made.items():
        if path.endswith(".html"):
            html = content.decode()
            assert html.count("<script>") == 1, path
            assert "<b>&amp;</b>" not in html, path
            assert "style=" not in html, path
            assert re.search(r"\son\w+=", html) is None, path
    assert {pledge_page(7, one) for one in IDS} <= made.keys()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(made, pledge_page(7, "1-1"))


def test_no_code_of_a_figure_is_in_a_citizens_sight(made: Site) -> None:
    codes = re.compile(rf"\b({'|'.join(measures().figures)})\b")
    for path, content in made.items():
        if path.endswith(".html") and path not in ("method.html", "data.html"):
            body = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", content.decode(),
                          flags=re.DOTALL)  # fmt: skip
            said = unescape(re.sub(r"<[^>]*>", " ", body))
            assert not codes.findall(said), path
    assert codes.search(page(made, "method.html"))


def test_the_start_page_says_three_figures_of_the_newest_release(made: Site) -> None:
    start = page(made, "index.html")
    assert (
        "공약 15개 가운데 <strong>7개</strong>를 마쳤습니다" in start
    )  # 5 + 2 in the third quarter
    assert start.count('class="said"') == 3
    assert "2021년 4분기 발표, 2021-12-31 현재" in start
    assert "가람구" in start


def test_a_pledge_page_tells_its_whole_term(made: Site) -> None:
    told = page(made, pledge_page(7, "1-1"))
    for word in ("누구나 걸어서 10분", "둘레길을\n넷 놓음", "첫 삽", "나래과: 안내", "완료연도",
                 "공약이행평가단", "나라에서 받는 돈", "임기 전", "2022~2023년", "임기 뒤"):  # fmt: skip
        assert word in told
    for quarter in ("2021년 2분기", "2021년 3분기", "2021년 4분기"):
        assert quarter in told
    # 완료 → 정상추진 → 일부추진, a third of the strip each.
    assert re.findall(r'height="16" class="f-(\w+)"', told)[:3] == [
        "COMPLETED",
        "ON_TRACK",
        "BEHIND",
    ]


def test_a_text_that_every_quarter_repeats_stands_once(
    frozen: tuple[Mapping[str, bytes], Sequence[str]], made: Site
) -> None:
    told = page(made, pledge_page(7, "1-1"))
    done = told[told.index('id="h-done"') : told.index('id="h-PROBLEM"')]
    assert done.count("<bdi>첫 삽</bdi>") == 1
    assert done.count("2021년 2분기, 2021년 3분기에도 같은 보고") == 2  # 추진내용, 추진실적
    for quarter in QUARTERS:  # the data stay as they were told
        assert "첫 삽" in frozen[0][f"{quarter}/r1/json/narrative.json"].decode()


def _told(quarter_id: str, reported_for: str, state: str, *texts: str) -> Release:
    """A release of one pledge, reported for a period, with what was done."""
    rows = {
        "pledges": [{"pledge_id": "1-1", "report_state": state, "status_code": "ON_TRACK",
                     "status_name": "정상추진", "declared_rate_pct": 5}],
        "narrative": [{"pledge_id": "1-1", "kind_code": "ACHIEVEMENT", "label": None,
                       "content": said, "reported_quarter_id": reported_for} for said in texts],
    }  # fmt: skip
    period = parse_period(quarter_id)
    facts = SimpleNamespace(quarter_name=period.title, as_of_date=str(period.last_day))
    tables = {name: json.dumps({"format": 1, "rows": held}).encode() for name, held in rows.items()}
    return Release(quarter_id, 1, facts, tables, (), None, holds=True)


def _done(*told: Release) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    story = stories(Term(7, told))["1-1"]
    return [(one.release.name, [(text.content, [*also]) for text, also in one.texts])
            for one in story.done]  # fmt: skip


def test_a_sister_period_of_the_same_day_tells_the_deeds_of_that_day() -> None:
    third = _told("2021Q3", "2021Q3", "이번 분기 보고", "첫 삽")
    half = _told("2021H2", "2021Q4", "이번 반기 보고", "첫 삽", "지붕")
    fourth = _told("2021Q4", "2021Q4", "이번 분기 보고", "첫 삽", "지붕")
    carried = _told("2022Q1", "2021Q4", "지난 보고 이어 씀", "첫 삽", "지붕")
    assert _done(third, half) == [
        ("2021년 하반기", [("첫 삽", ["2021년 3분기"]), ("지붕", [])]),
    ]
    assert _done(third, half, fourth, carried) == [
        ("2021년 4분기", [("첫 삽", ["2021년 3분기", "2021년 하반기"]),
                        ("지붕", ["2021년 하반기"])]),
    ]  # fmt: skip
    assert stories(Term(7, (third, half)))["1-1"].word == "기간"
    assert stories(Term(7, (half,)))["1-1"].word == "반기"


def test_a_report_that_is_carried_on_is_called_so(made: Site) -> None:
    owing = page(made, pledge_page(7, "가-1"))
    assert "2021년 4분기에는 부서가 보고하지 않아, 2021년 3분기의 보고를 이어 썼습니다" in owing
    assert owing.count("2021년 3분기 보고를 이어 씀") == 1
    assert owing.count('class="dot carried"') == 1
    assert "4분기 일부추진 20(이어 씀)" in owing
    completed = page(made, pledge_page(7, "../x"))
    assert "더 보고하지 않아도 되는 공약이어서" in completed
    assert "이어 씀" not in page(made, pledge_page(7, "1-1"))


def test_that_no_cause_was_given_is_said_of_what_is_late_alone(made: Site) -> None:
    said = "까닭을 부서가 적지 않았습니다"
    assert said in page(made, pledge_page(7, "가-1"))  # 일부추진, no text
    assert said not in page(made, pledge_page(7, "1-1"))  # 일부추진, with 문제점
    assert said not in page(made, pledge_page(7, "../x"))  # 완료


def test_the_page_of_changes_tells_who_did_not_report_and_what_was_decided(made: Site) -> None:
    told = page(made, "changes/2021q4.html")
    left = told[told.index('id="unreported"') :]
    assert "보고하지 않은 공약 2개" in left
    assert re.findall(r'<span class="no"><bdi>([^<]+)</bdi>', left) == ["가-1", "9-9"]
    assert "2021년 3분기의 보고를 이어 썼습니다" in left
    assert "아직 한 번도 보고하지 않았습니다" in left
    decided = told[told.index('id="decisions"') : told.index('id="unreported"')]
    assert "<b>2021-12-31</b> 변경: 완료연도" in decided
    assert "둘레길을" not in told  # an overview is not what was done
    # Every quarter tells of the same: news is it in the first alone.
    assert "첫 삽" not in told
    assert "<b><bdi>2021-08-01</bdi></b> <bdi>첫 삽</bdi>" in page(made, "changes/2021q2.html")
    # Five times 1조 2,345억 6,700만 less the 9억 that is secured: 6조 1,683억 3,500만.
    assert "아직 마련하지 않은 돈: 국비 6조 1,683억 원" in page(made, pledge_page(7, "1-1"))
    start = page(made, "index.html")
    assert 'href="changes/2021q4.html#unreported"' in start
    assert 'id="decisions"' not in page(made, "changes/2021q2.html")


def _with_targets(frozen: tuple[Mapping[str, bytes], Sequence[str]], target: str) -> str:
    files = {path: re.sub(b'"is_target_met":[a-z]+', f'"is_target_met":{target}'.encode(), content)
             if path.endswith("json/pledges.json") else content
             for path, content in frozen[0].items()}  # fmt: skip
    table = f"{NEWEST}/json/figures.json"
    row = b'"figure_code":"R2","figure_name"'
    files[table] = files[table].replace(row, b'"figure_code":"R3","figure_name"', 1)
    return page(site(GOVERNMENT, files, frozen[1]), "quarters/2021q4.html")


def test_that_none_met_a_target_is_not_said_where_nobody_was_asked(
    frozen: tuple[Mapping[str, bytes], Sequence[str]],
) -> None:
    assert "올해 목표를 이루었습니다" in _with_targets(frozen, "false")
    assert "올해 목표를 이루었습니다" not in _with_targets(frozen, "null")


def test_printed_values_stand_on_the_page_of_the_method(made: Site) -> None:
    told = page(made, "method.html")
    assert "누리집 &lt;첫 화면&gt;" in told
    assert "15건 중 5건은 33" in told
    assert "2개 가운데 1개가 같습니다" in told
    assert '33</bdi></span><span class="small">까닭: <bdi>오기</bdi></span></td>' in told
    assert "옛 까닭" not in told


@pytest.mark.slow
def test_the_data_are_what_the_newest_release_froze_and_keep_to_their_schema(
    frozen: tuple[Mapping[str, bytes], Sequence[str]], made: Site
) -> None:
    files = frozen[0]
    copied = {path for path in made if path.startswith("data/")} - {"data/index.json"}
    assert len(copied) > 10
    schema = json.loads(made["data/schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(copied):
        assert made[path] == files[f"{NEWEST}/json/{path.removeprefix('data/')}"]
        if path != "data/schema.json":
            table = json.loads(made[path])
            shape = {**schema["$defs"][table["table"]], "$schema": schema["$schema"]}
            jsonschema.validate(table, shape)
            validator.validate(table)
    index = json.loads(made["data/index.json"])
    assert index["newest"] == {"quarter_id": "2021Q4", "revision": 2}
    assert [(one["quarter_id"], one["revision"], one["state"]) for one in index["releases"]] == [
        ("2021Q4", 2, "current"), ("2021Q4", 1, "replaced"), ("2021Q3", 1, "current"),
        ("2021Q2", 1, "current"),
    ]  # fmt: skip
    for release in index["releases"]:
        assert all(_joined("data/index.json", way) in files for way in release["files"].values())


def test_the_feed_tells_every_release(made: Site) -> None:
    root = ElementTree.fromstring(made["feed.xml"])  # noqa: S314 - our own
    atom = "{http://www.w3.org/2005/Atom}"
    assert [one.findtext(f"{atom}title") for one in root.iter(f"{atom}entry")] == [
        "2021년 4분기 2차 발표", "2021년 4분기 1차 발표", "2021년 3분기 1차 발표",
        "2021년 2분기 1차 발표",
    ]  # fmt: skip
    ids = [one.text for one in root.iter(f"{atom}id")]
    assert len(ids) == len({*ids}) == 5


def _taken_back(folder: Path, *releases: tuple[str, int]) -> Site:
    write_releases(folder)
    for quarter_id, revision in releases:
        retract(folder, quarter_id, revision)
    return site(GOVERNMENT, *read(folder))


def test_where_the_newest_was_taken_back_the_quarter_before_stands(tmp_path: Path) -> None:
    made = _taken_back(tmp_path, ("2021Q4", 2))
    start = page(made, "index.html")
    assert "옮겨 적은 값이 &lt;틀림&gt; &amp; 다시 봄" in start
    assert "2021년 3분기 발표" in start
    told = page(made, "quarters/2021q4.html")
    assert "지금 유효한 발표가 없습니다." in told
    assert "철회됨" in told
    assert "2021년 4분기" not in page(made, pledge_page(7, "1-1"))
    index = json.loads(made["data/index.json"])
    assert index["newest"]["quarter_id"] == "2021Q3"
    first = index["releases"][0]
    assert (first["state"], first["retracted_on"], first["retraction_reason"]) == (
        "retracted", "2021-12-31", REASON,
    )  # fmt: skip
    assert "[철회] 2021년 4분기 2차 발표" in made["feed.xml"].decode()
    assert "changes/2021q4.html" not in made


def test_where_nothing_holds_the_site_says_so(tmp_path: Path) -> None:
    made = _taken_back(tmp_path, ("2021Q2", 1), ("2021Q3", 1), ("2021Q4", 2))
    assert "지금 유효한 발표가 없습니다." in page(made, "index.html")
    assert {path.partition("/")[0] for path in made} == {
        "index.html", "quarters.html", "method.html", "data.html", "en.html", "feed.xml",
        "quarters", "data",
    }  # fmt: skip
    assert json.loads(made["data/index.json"])["newest"] is None


def test_a_release_of_an_earlier_program_is_listed_with_its_files(tmp_path: Path) -> None:
    write_releases(tmp_path)
    old = tmp_path / "2020Q4" / "r1"
    old.mkdir(parents=True)
    (old / "보고서.html").write_text("<html></html>")
    made = site(GOVERNMENT, *read(tmp_path))
    assert "보고서만 있음" in page(made, "quarters.html")
    assert "../2020Q4/r1/%EB%B3%B4%EA%B3%A0%EC%84%9C.html" in page(made, "quarters/2020q4.html")
    assert site(GOVERNMENT, {}, [])["index.html"]


def test_a_damaged_file_stops_the_site_and_says_which(tmp_path: Path) -> None:
    write_releases(tmp_path)
    files, names = read(tmp_path)
    for content in (b"{", b'{"format": 99}', b"[]"):
        damaged = {**files, f"{NEWEST}/json/release.json": content}
        with pytest.raises(SystemFault, match=r"2021Q4/r2/json/release\.json"):
            site(GOVERNMENT, damaged, names)


def test_a_pledge_that_is_gone_keeps_its_page(tmp_path: Path) -> None:
    write_releases(tmp_path)
    files, names = read(tmp_path)
    path = f"{NEWEST}/json/pledges.json"
    table: dict[str, Any] = json.loads(files[path])
    table["rows"] = [row for row in table["rows"] if row["pledge_id"] != "가-1"]
    made = site(GOVERNMENT, {**files, path: json.dumps(table).encode()}, names)
    assert "가장 새로운 발표에는 없는 공약입니다." in page(made, pledge_page(7, "가-1"))
    assert "지금은 없는 공약" in page(made, "pledges/7.html")
