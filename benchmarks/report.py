"""Writes what files of results say into pages and pictures: no number there is typed by hand.

A page marks a place by two comments, `<!-- bench NAME -->` and `<!-- bench end -->`, each on a line of its
own; what stands between them is the table of that name (`jaxplay.benchmarks.report_tables.TABLES`).
"""

import re
from pathlib import Path
from typing import NamedTuple

from jaxplay.benchmarks.report_pictures import PICTURES
from jaxplay.benchmarks.report_results import Results
from jaxplay.benchmarks.report_tables import TABLES
from jaxplay.errors import UserError, nearest

MARK = re.compile(
    r"^<!-- bench (?P<name>\S+) -->\n(?P<text>.*?)^<!-- bench end -->$", re.DOTALL | re.MULTILINE
)
OPEN = re.compile(r"^<!-- bench (?!end\b)\S+ -->$", re.MULTILINE)


class Written(NamedTuple):
    """A file as the results say it is.

    Attributes:
        path: of the file.
        text: that it is to have.
        changed: whether it has another, or is not there.
    """

    path: Path
    text: str
    changed: bool


def report(pages: list[Path], pictures: Path | None, results: Results) -> list[Written]:
    """What pages and pictures are to be.

    Args:
        pages: that have marks.
        pictures: folder of pictures; None: none are drawn.
        results: files of results.

    Raises:
        UserError: a page cannot be read, or marks what nobody writes.
    """
    found = [_page(path, results) for path in pages]
    if pictures is not None:
        found += [_file(pictures / name, draw(results)) for name, draw in PICTURES.items()]
    return found


def fill(text: str, results: Results, where: str = "the page") -> str:
    """A page with each marked place filled.

    Args:
        text: of the page.
        results: files of results.
        where: what the page is called in errors.

    Raises:
        UserError: no table has that name, or a place has no end.
    """

    def written(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in TABLES:
            raise UserError(f"{where} marks {name!r}{nearest(name, TABLES)}")
        return f"<!-- bench {name} -->\n\n{TABLES[name](results)}\n\n<!-- bench end -->"

    filled = MARK.sub(written, text)
    if len(OPEN.findall(text)) != len(MARK.findall(text)):
        raise UserError(f"{where} has a mark without its end, <!-- bench end -->")
    return filled


def _page(path: Path, results: Results) -> Written:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}") from error
    filled = fill(text, results, str(path))
    return Written(path, filled, filled != text)


def _file(path: Path, text: str) -> Written:
    before = path.read_text(encoding="utf-8") if path.exists() else None
    return Written(path, text, text != before)
