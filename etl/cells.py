"""Text → value | blank | not applicable | unreadable: the only parser of what people type."""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_LABEL_NOISE = re.compile(r"[\s\u00a0\u200b\ufeff·‧ㆍ・•∙⋅()\[\]{}〔〕【】<>《》「」]+")


def header_key(text: str) -> str:
    """Return a header or sheet name as it is compared: NFKC, no blanks, no line breaks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text))


def label_key(text: str) -> str:
    """Return a label of a code list as it is compared: also without middle dots and brackets."""
    return _LABEL_NOISE.sub("", unicodedata.normalize("NFKC", text))
