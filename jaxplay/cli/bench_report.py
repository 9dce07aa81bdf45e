"""Write the tables and pictures that pages show, from files of results alone.

In a page, what stands between `<!-- bench NAME -->` and `<!-- bench end -->` is what this command writes:
figures, env, search, selfplay, limits or solve. Which file a table is of stands in
`jaxplay.benchmarks.report_results`.
"""

import argparse
from pathlib import Path

from jaxplay.cli import inputs
from jaxplay.cli.failures import Done
from jaxplay.cli.parser import Parser

SUMMARY = "the tables and pictures of README and docs, from files of results"
EXAMPLE = "jaxplay bench report README.md docs/benchmarks.md"

PAGES = (Path("README.md"), Path("docs/benchmarks.md"))


def add_arguments(parser: Parser) -> None:
    """The options of this command."""
    told = "Pages with marks. (default: README.md and docs/benchmarks.md)"
    parser.add_argument("pages", nargs="*", type=inputs.path, metavar="PAGE", help=told)
    told = "Folder of files of results. (default: that of this checkout)"
    parser.add_argument("--results", type=inputs.path, metavar="FOLDER", help=told)
    told = "Folder that pictures are written to. (default: that of the last page; with --check nothing is)"
    parser.add_argument("--pictures", type=inputs.path, metavar="FOLDER", help=told)
    told = "Write nothing; exit status 1 where anything would change."
    parser.add_argument("--check", action="store_true", help=told)


def run(args: argparse.Namespace) -> None:
    """Write, and say what changed."""
    from jaxplay.benchmarks.report import report
    from jaxplay.benchmarks.report_results import FOLDER, Results

    pages = list(args.pages or PAGES)
    found = report(pages, args.pictures or pages[-1].parent, Results(args.results or FOLDER))
    changed = [each for each in found if each.changed]
    for each in changed:
        if not args.check:
            inputs.write(each.path, each.text)
        print(f"{each.path} {'is not what the results say' if args.check else 'written'}")
    if args.check and changed:
        raise Done(1)
