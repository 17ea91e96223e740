"""Korean particles: messages are written with a pair, `공약 1-1은(는)`, and shown with one.

Which one is right depends on the last sound of what stands before it, so it can be said only when
the values are known. `core.particle` of the warehouse chooses alike for stored findings.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Sound(Enum):
    """What the reading of a text ends in, as far as a particle asks."""

    VOWEL = "vowel"
    RIEUL = "rieul"
    CONSONANT = "consonant"


@dataclass(frozen=True)
class Pair:
    """The two forms of one particle."""

    after_consonant: str
    after_vowel: str

    def after(self, text: str) -> str:
        """Return the form that follows a text."""
        sound = last_sound(text)
        is_open = sound is Sound.VOWEL or (
            sound is Sound.RIEUL and self.after_consonant.startswith("으")
        )
        return self.after_vowel if is_open else self.after_consonant


# Every way a pair is written, with its two forms.
PAIRS = {
    written: Pair(consonant, vowel)
    for consonant, vowel, ways in (
        ("은", "는", ("은(는)", "는(은)")),
        ("이", "가", ("이(가)", "가(이)")),
        ("을", "를", ("을(를)", "를(을)")),
        ("과", "와", ("과(와)", "와(과)")),
        ("아", "야", ("아(야)", "야(아)")),
        ("으로", "로", ("(으)로",)),
        ("이라", "라", ("(이)라",)),
        ("이며", "며", ("(이)며",)),
        ("이나", "나", ("(이)나",)),
        ("이었", "였", ("이었(였)", "였(이었)")),
    )
    for written in ways
}
WRITTEN_PAIR = re.compile("|".join(re.escape(written) for written in PAIRS))
_PIECE = re.compile(rf"\{{(?P<value>[a-z_]+)\}}|(?P<pair>{WRITTEN_PAIR.pattern})")

_FAR_ENOUGH = 200
_READ = "0-9A-Za-z%가-힣\u1100-\u1112\u1161-\u1175"
# What stands in brackets behind a word is not read.
_ASIDE = re.compile(rf"([{_READ}])(?:\((?:[^()]|\([^()]*\))*\))+[^{_READ}]*$")
_TOKEN = re.compile(
    rf"(?:(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})|(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)"
    rf"|(?P<letter>[{_READ}]))[^{_READ}]*$"
)
_ENDS = {Sound.CONSONANT: "036", Sound.RIEUL: "178", Sound.VOWEL: "2459"}
_DIGITS = {digit: sound for sound, digits in _ENDS.items() for digit in digits}
# 조 and 해 end in a vowel; 십, 백, 천, 만, 억 and 경 do not.
_OPEN_UNITS = (3, 5)
_LETTERS = {"l": Sound.RIEUL, "r": Sound.RIEUL, "m": Sound.CONSONANT, "n": Sound.CONSONANT}
_FIRST_SYLLABLE, _FINALS, _FINAL_RIEUL = ord("가"), 28, 8
_FIRST_LETTER, _RIEUL_LETTER, _LAST_CONSONANT_LETTER = "\u1100", "\u1105", "\u1112"


def last_sound(text: str) -> Sound:
    """Return what the reading of a text ends in; a text that cannot be read ends in a consonant.

    Quotes, brackets and signs are not read, digits are read in Korean (`10` 십, `1,000` 천), Latin
    letters by their names (`R` 알), `%` as 퍼센트, a date as its day (일).
    """
    shown = _ASIDE.sub(r"\1", unicodedata.normalize("NFKC", text[-_FAR_ENOUGH:]))
    token = _TOKEN.search(shown)
    if token is None:
        return Sound.CONSONANT
    if token["day"]:
        return Sound.RIEUL
    return _sound_of_number(token["number"]) if token["number"] else _sound_of(token["letter"])


def _sound_of_number(number: str) -> Sound:
    whole, _, decimals = number.replace(",", "").partition(".")
    zeros = 0 if decimals or not whole.strip("0") else len(whole) - len(whole.rstrip("0"))
    if not zeros:
        return _DIGITS[number[-1] if decimals else whole[-1]]
    return Sound.VOWEL if zeros // 4 in _OPEN_UNITS else Sound.CONSONANT


def _sound_of(letter: str) -> Sound:
    if letter >= "가":
        final = (ord(letter) - _FIRST_SYLLABLE) % _FINALS
        return {0: Sound.VOWEL, _FINAL_RIEUL: Sound.RIEUL}.get(final, Sound.CONSONANT)
    if _FIRST_LETTER <= letter <= _LAST_CONSONANT_LETTER:
        return Sound.RIEUL if letter == _RIEUL_LETTER else Sound.CONSONANT
    return _LETTERS.get(letter.lower(), Sound.VOWEL)


def with_particles(text: str) -> str:
    """Return a finished text with the right particle in place of every pair."""
    shown, rest = "", text
    while found := WRITTEN_PAIR.search(rest):
        shown += rest[: found.start()]
        shown += PAIRS[found[0]].after(shown)
        rest = rest[found.end() :]
    return shown + rest


def pieces(template: str) -> Iterator["str | Pair | Placeholder"]:
    """Yield a message's parts in order: its own words, the values it names, its pairs."""
    end = 0
    for found in _PIECE.finditer(template):
        if found.start() > end:
            yield template[end : found.start()]
        yield Placeholder(found["value"]) if found["value"] else PAIRS[found["pair"]]
        end = found.end()
    if end < len(template):
        yield template[end:]


@dataclass(frozen=True)
class Placeholder:
    """A value that a message names, like `{seen}`."""

    name: str
