"""A rule's message: made by the database for every offender, and shown without one on a page."""

from etl.particles import Pair, Placeholder, pieces

# What the values of a message are called where there are none yet.
VALUE_NAMES = {
    "seen": "읽은 값",
    "expected": "기대한 값",
    "pledge": "공약번호",
    "told": "그 칸에 대한 설명",
}


def message_sql(template: str) -> tuple[str, dict[str, str]]:
    """Return the expression that makes a message from the columns of `said`, and its parameters.

    Only the message's own pairs are chosen: one that a sender wrote stays as written.
    """
    made: list[str] = []
    parameters: dict[str, str] = {}
    for piece in pieces(template):
        if isinstance(piece, Placeholder):
            made.append(f"said.{piece.name}")
        elif isinstance(piece, Pair):
            forms = _bound(parameters, piece.after_consonant), _bound(parameters, piece.after_vowel)
            before = " || ".join(made) or "''"
            made.append(f"core.particle({before}, {', '.join(forms)})")
        else:
            made.append(_bound(parameters, piece))
    return " || ".join(made), parameters


def _bound(parameters: dict[str, str], value: str) -> str:
    name = f"message_{len(parameters)}"
    parameters[name] = value
    return f"CAST(:{name} AS text)"


def shown_template(template: str) -> str:
    """Return a message with the names of its values in place of the values."""
    shown = ""
    for piece in pieces(template):
        if isinstance(piece, Pair):
            shown += piece.after(shown)
        else:
            shown += f"<{VALUE_NAMES[piece.name]}>" if isinstance(piece, Placeholder) else piece
    return shown
