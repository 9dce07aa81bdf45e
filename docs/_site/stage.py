"""Gathers the pages of the site in one folder, those that are written from the package too."""

import re
import shutil
from pathlib import Path

from _site import commands, performance, reference

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
LEFT_OUT = shutil.ignore_patterns("__pycache__", "build.py")
FIRST = (
    "tutorial",
    "own_parts",
    "search",
    "evaluation",
    "league",
    "policy_gradient",
    "solving",
    "shaping",
    "metrics",
    "scaling",
    "reliability",
)
"""Guides in the order in which somebody may read them; those that are not named come after them."""
ELSEWHERE = (
    "index",
    "quickstart",
    "concepts",
    "guides",
    "reference",
    "results",
    "project",
    "comparison",
    "experiments",
    "glossary",
    "policy",
    "testing",
    "from_pgx_and_mctx",
    "from_openspiel",
)
"""Pages that are no guides."""
LISTS = {
    "notebooks/index.md": "# Notebooks\n\nEach runs in some minutes on two processor cores, in Colab too.",
    "decisions/index.md": "# Decisions\n\nWhy things are as they are, one page each.",
    "games/README.md": "",
    "dynamics/README.md": "",
    "algorithms/index.md": "",
}
"""Pages that list the pages beside them, and what they say first; empty: what they say already."""
MOVED = {"CHANGELOG.md": "changelog", "CONTRIBUTING.md": "contributing"}
"""Files beside `docs`, and the pages that they are here."""


def gather(stage: Path) -> Path:
    """Fill an empty folder; gives that of the pages.

    What stands beside `docs` is linked beside it there, so that links from pages to the source go on working.
    """
    pages = stage / "docs"
    shutil.copytree(DOCS, pages, ignore=LEFT_OUT)
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("docs", "build", "runs"):
            (stage / path.name).symlink_to(path)
    shutil.copytree(ROOT / "notebooks", pages / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for path in pages.rglob("*.md"):
        path.write_text(_linked(path.read_text(), "../" * len(path.relative_to(pages).parent.parts)))
    for name in MOVED.values():
        text = (ROOT / f"{name.upper()}.md").read_text()
        (pages / f"{name}.md").write_text(
            re.sub(r"\]\((?!docs/|[a-z]+:)", "](../", text).replace("](docs/", "](")
        )
    written = commands.pages() | reference.pages() | performance.pages()
    for name, text in written.items():
        (pages / name).parent.mkdir(exist_ok=True)
        (pages / name).write_text(text)
    for name, text in LISTS.items():
        path = pages / name
        path.write_text(f"{text or path.read_text()}\n\n```{{toctree}}\n:glob:\n:titlesonly:\n\n*\n```\n")
    index = pages / "guides.md"
    index.write_text(index.read_text().replace("{guides}", "\n".join(guides(pages))))
    return pages


def _linked(text: str, top: str) -> str:
    """A page whose links to files that became pages lead there; `top` is the way to the first page."""
    for file, name in MOVED.items():
        text = text.replace(f"](../{top}{file}", f"]({top}{name}.md")
    return text.replace(f"](../{top}README.md", f"]({top}index.md")


def guides(pages: Path) -> list[str]:
    """The guides, by name, in order; whatever page stands in `docs` and is nothing else is one."""
    found = {path.stem for path in DOCS.glob("*.md")} - {*ELSEWHERE, "README"}
    return [name for name in FIRST if name in found] + sorted(found.difference(FIRST))
