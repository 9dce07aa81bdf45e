"""`jaxplay bench report`: pages say what the files of results say."""

import json
import re
from pathlib import Path

import pytest
from source import ROOT

from jaxplay.benchmarks.report import fill
from jaxplay.benchmarks.report_pictures import PICTURES, Bar, bars
from jaxplay.benchmarks.report_results import FOLDER, SOURCES, Results
from jaxplay.benchmarks.report_tables import TABLES
from jaxplay.cli.main import main
from jaxplay.errors import UserError

MARKS = re.compile(r"^<!-- bench (?!end)(\S+) -->$", re.MULTILINE)
PAGES = [
    path for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")] if MARKS.search(path.read_text())
]


@pytest.fixture(scope="module")
def results() -> Results:
    return Results()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_is_what_the_results_say(page: Path, results: Results):
    """After new results: `jaxplay bench report`, with this page."""
    assert fill(page.read_text(), results, page.name) == page.read_text()


def test_the_tables_are_shown():
    shown = {name for page in PAGES for name in MARKS.findall(page.read_text())}
    assert {"figures", "env", "search", "limits", "solve"} <= shown <= set(TABLES)


def test_pictures_are_what_the_results_say(results: Results):
    for name, draw in PICTURES.items():
        assert (ROOT / "docs" / name).read_text() == draw(results)


def test_numbers_come_from_the_files(tmp_path: Path, results: Results, capsys: pytest.CaptureFixture[str]):
    """A rate that is doubled in a file is doubled on the page, and in the quotient beside it."""
    for name in SOURCES.values():
        if (FOLDER / name).exists():
            (tmp_path / name).write_text((FOLDER / name).read_text())
    search = tmp_path / SOURCES["search"]
    lines = [json.loads(line) for line in search.read_text().splitlines()]
    first = next(line for line in lines if line["name"] == "connect_four/linear/32/puct")
    first["rate"] *= 2
    search.write_text("\n".join(map(json.dumps, lines)))
    page = tmp_path / "page.md"
    page.write_text("Before.\n\n<!-- bench search -->\nold\n<!-- bench end -->\nAfter.\n")
    line = ["bench", "report", str(page), "--results", str(tmp_path)]
    assert main([*line, "--check"]) == 1 and "old" in page.read_text()
    assert main(line) == 0
    text = page.read_text()
    assert "| 32 | 7.59 M | 49 x | 2.18 M | 3.7 x |" in text and "old" not in text
    assert text.startswith("Before.\n") and text.endswith("<!-- bench end -->\nAfter.\n")
    assert "7.59 M" in (tmp_path / "benchmarks_search.svg").read_text()
    assert main([*line, "--check"]) == 0
    assert "32 | 3.80 M | 24 x |" in fill(text, results)


def test_marks_that_are_wrong(results: Results):
    with pytest.raises(UserError, match=r"marks 'serch'; did you mean 'search'\?"):
        fill("<!-- bench serch -->\n<!-- bench end -->", results)
    with pytest.raises(UserError, match="a mark without its end"):
        fill("<!-- bench search -->\ntext", results)


def test_bars():
    """The longest is drawn over the whole width, others in proportion; signs of XML are escaped."""
    text = bars("A & B", [Bar("one", 4.0, "4"), Bar("two", 1.0, "1 <")])
    widths = [float(width) for width in re.findall(r'<rect x="200" y="\d+" width="([\d.]+)"', text)]
    assert widths[0] == 4 * widths[1] == 410.0
    assert "A &amp; B" in text and "1 &lt;" in text
