"""Errors a user can mend: one line, which the command line prints before it exits with status 2."""

import difflib
from collections.abc import Iterable
from typing import Any

MOST = 50
"""Names that an error lists."""
LONGEST = 80
"""Characters of a value that an error shows."""


class UserError(ValueError):
    """Something the user gave is wrong; the message is one line that says what is allowed."""

    def __init__(self, message: object) -> None:
        super().__init__(one_line(str(message)))


class TooLargeError(UserError):
    """A game has more positions or histories than may be enumerated."""


def one_line(text: str) -> str:
    """`text` with its line breaks, of any kind, made spaces."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def quoted(value: Any) -> str:
    """`value` as an error shows it: like `repr`, but short, and never failing."""
    try:
        text = repr(value[: LONGEST + 1] if isinstance(value, str) else value)
    except Exception:  # noqa: BLE001 the value's own, whatever it is; an int of 5,000 digits has no repr
        return f"a value of type {type(value).__name__}"
    text = one_line(text)
    return text if len(text) <= LONGEST + 2 else f"{text[:LONGEST]}..."


def nearest(value: str, allowed: Iterable[str]) -> str:
    """The end of a message about a bad name: `; did you mean 'x'?` or the allowed names."""
    allowed = sorted(allowed)
    match = difflib.get_close_matches(value[:LONGEST], allowed, n=1, cutoff=0.5)
    if match:
        return f"; did you mean {match[0]!r}?"
    more = ", ..." if len(allowed) > MOST else ""
    return f"; allowed: {', '.join(allowed[:MOST]) or 'none'}{more}"
