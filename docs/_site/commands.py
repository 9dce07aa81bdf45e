"""A page for each command, written from its parser."""

import argparse
import re
from collections.abc import Iterator

from jaxplay.cli.main import COMMANDS, build_parser

HEAD = """\
# Commands

Written from the commands themselves; `jaxplay COMMAND --help` says the same. Bad input ends with one line
that names what is allowed, and exit status 2.

"""


def pages() -> dict[str, str]:
    """Every page by its path."""
    written = {f"commands/{name}.md": page(name) for name in COMMANDS}
    rows = [f"- [`jaxplay {name}`]({name}.md): {_plain(told)}" for name, told in COMMANDS.items()]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *COMMANDS, "```"])
    return written | {"commands/index.md": f"{HEAD}{chr(10).join(rows)}\n\n{tree}\n"}


def page(name: str) -> str:
    """The page of a command."""
    parser = _chosen(build_parser(name), name)
    return "\n\n".join([f"# jaxplay {name}", *_about(parser), *_below(parser)]) + "\n"


def _below(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The commands of a command, such as the benchmarks."""
    for name, command in _subcommands(parser).items():
        yield f"## {parser.prog.removeprefix('jaxplay ')} {name}"
        yield from _about(command)


def _about(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What it does, an example, and its options by groups."""
    getattr(parser, "unhide", lambda: None)()
    if parser.description:
        yield _plain(parser.description)
    if parser.epilog:
        yield f"```console\n$ {parser.epilog.removeprefix('example:').strip()}\n```"
    for group in parser._action_groups:  # noqa: SLF001 argparse has no other way to them
        told = [entry for action in group._group_actions if (entry := _entry(action))]  # noqa: SLF001
        if told:
            yield f"**{_plain(str(group.title or 'options')).capitalize()}**"
            yield "\n\n".join(told)


def _entry(action: argparse.Action) -> str:
    """An argument and what it means; nothing for help itself and for commands."""
    if isinstance(action, argparse._SubParsersAction) or "--help" in action.option_strings:  # noqa: SLF001
        return ""
    metavar = "" if action.nargs == 0 else str(action.metavar or action.dest)
    flags = ", ".join(action.option_strings)
    told = " ".join(str(action.help or "").replace("%%", "%").split())
    shown = f"{flags} {metavar}".strip()
    told = f"{told}{_default(action)}"
    return f"`{shown}`\n: {_plain(told)}"


def _default(action: argparse.Action) -> str:
    """The default, as help shows it."""
    silent = action.default is None or action.default is False or action.default in ((), argparse.SUPPRESS)
    return "" if silent or not action.option_strings else f" (default: {action.default})"


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return dict(action.choices)
    return {}


def _chosen(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    return _subcommands(parser)[name]


def _plain(text: str) -> str:
    """Text whose signs mean nothing in Markdown, but for code in backticks."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"([*_<>\[\]$|#\\])", r"\\\1", part) for part in parts
    )
