"""Builds the documentation site: `python docs/build.py [--out FOLDER]`, or `make docs`.

Pages are gathered in a folder of their own first: those of `docs/` as they are, and those that are written
from the package (commands, the interface, figures) beside them. Warnings are errors. Nothing is fetched, and
the site fetches nothing either.
"""

import argparse
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent


def main(arguments: list[str] | None = None) -> int:
    """Gather the pages, run Sphinx, and give its exit status."""
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="Folder of the site.")
    parser.add_argument("--builder", default="html", help="Builder of Sphinx, such as html or linkcheck.")
    args = parser.parse_args(arguments)
    sys.path[:0] = [str(ROOT), str(FOLDER)]  # this checkout's package, whatever is installed
    from _site.stage import gather
    from sphinx.cmd.build import main as sphinx

    with tempfile.TemporaryDirectory() as stage:
        pages = gather(Path(stage))
        doctrees = Path(stage) / "doctrees"
        options = ["-b", args.builder, "-q", "-W", "--keep-going", "-d", str(doctrees)]
        return sphinx([*options, str(pages), str(args.out)])


if __name__ == "__main__":
    sys.exit(main())
