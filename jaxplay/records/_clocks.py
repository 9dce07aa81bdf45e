"""Clock times as PGN writes them: `1:02:03.5`."""

import re

PATTERN = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)")


def read_clock(text: str) -> float | None:
    """Seconds; None where `text` is no time."""
    found = PATTERN.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds)


def write_clock(seconds: float) -> str:
    """The inverse of `read_clock`, to microseconds."""
    whole, rest = divmod(max(seconds, 0.0), 60)
    hours, minutes = divmod(int(whole), 60)
    told = f"{rest:09.6f}".rstrip("0").rstrip(".")
    return f"{hours}:{minutes:02d}:{told}"
