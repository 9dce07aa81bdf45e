"""Numbers and truth values as people type them: one reading for options, moves and the command line.

Each function gives None for text that it does not take, so that the caller can say which option or move it is
about and what is allowed. Python's own readings take more than a person means: digits of every script, `1_0`,
`nan`; and they fail on a number of 5,000 digits.
"""

import math
import re

MOST_DIGITS = 20
"""As many as the greatest 64-bit number has."""
MOST_CHARACTERS = 40
"""A longer text is no number that anybody means."""
TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
"""Words for yes and no, in any case."""

_DIGITS = re.compile(rf"[0-9]{{1,{MOST_DIGITS}}}")
_INT = re.compile(rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def parse_digits(text: str) -> int | None:
    """A number of 1 to `MOST_DIGITS` ASCII digits, space around it left out; None for anything else."""
    text = text.strip()
    return int(text) if _DIGITS.fullmatch(text) else None


def parse_int(text: str) -> int | None:
    """As `parse_digits`, with a sign or without."""
    text = text.strip()
    return int(text) if _INT.fullmatch(text) else None


def parse_float(text: str) -> float | None:
    """A finite decimal number such as `-0.5`, `3` or `1e-3`; None for anything else."""
    text = text.strip()
    if len(text) > MOST_CHARACTERS or not _FLOAT.fullmatch(text):
        return None
    return number if math.isfinite(number := float(text)) else None


def parse_bool(text: str) -> bool | None:
    """What one of `TRUTH` says; None for anything else."""
    return TRUTH.get(text.strip().lower())
