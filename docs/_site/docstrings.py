"""Makes docstrings fit for the pages about the interface: they are read as they stand, not as markup."""

import re
from collections import _tuplegetter  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

CODE = re.compile(r"(`[^`]*`)")
EARLY = 100
"""Priority of a hook that runs before Napoleon, which takes sections apart."""


def setup(app: Any) -> dict[str, bool]:
    """Hook into autodoc."""
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _plain, priority=EARLY)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _skip(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> bool | None:
    """Fields of named tuples stand in the docstring of their class already."""
    return True if isinstance(member, _tuplegetter) else None


def _plain(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Stars and bars mean nothing outside of code, and code has no spaces at its ends."""
    lines[:] = [escaped(line) for line in lines]


def escaped(line: str) -> str:
    """A line of a docstring as reStructuredText."""
    parts = CODE.split(line)
    return "".join(
        f"`{part[1:-1].strip()}`"
        if part.startswith("`") and len(part) > 2
        else re.sub(r"([*|])", r"\\\1", part)
        for part in parts
    )
