"""Errors a user can mend: one line, which the command line prints before it exits with status 2."""

import difflib
from collections.abc import Iterable

MOST = 50
"""Names that an error lists."""


class UserError(ValueError):
    """Something the user gave is wrong; the message is one line that says what is allowed."""


def nearest(value: str, allowed: Iterable[str]) -> str:
    """The end of a message about a bad name: `; did you mean 'x'?` or the allowed names."""
    allowed = sorted(allowed)
    match = difflib.get_close_matches(value, allowed, n=1, cutoff=0.5)
    if match:
        return f"; did you mean {match[0]!r}?"
    more = ", ..." if len(allowed) > MOST else ""
    return f"; allowed: {', '.join(allowed[:MOST]) or 'none'}{more}"
