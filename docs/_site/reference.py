"""A page for each room of the package, with all its public names and what their docstrings say."""

import ast
import functools
import importlib.util
import inspect
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from _site.docstrings import escaped

DOCS = Path(__file__).parent.parent
TITLES = {"jaxplay": "What most people need"}
"""Titles of rooms that are not their name."""

HEAD = """\
Interface
=========

Every public name, by the room where it lives, from the docstrings. What may change between versions says
:doc:`the policy </policy>`. Shapes are written with letters: B positions of a batch, A actions, P players,
T moves, M matches.

"""


class Entry(NamedTuple):
    """A public name.

    Attributes:
        name: Its full name, as people import it.
        home: The module that defines it, and its name there.
        node: Its definition.
    """

    name: str
    home: tuple[str, str]
    node: ast.stmt


def pages() -> dict[str, str]:
    """Every page by its path."""
    rooms: dict[str, list[str]] = {}
    for module, entries in listed():
        room = ".".join(module.split(".")[:2])
        rooms.setdefault(room, []).append("\n".join(_module(module, room, entries)))
    tree = "\n".join([".. toctree::", "   :maxdepth: 1", "", *(f"   {room}" for room in rooms)])
    written = {f"api/{room}.rst": _page(room, parts) for room, parts in rooms.items()}
    return written | {"api/index.rst": f"{HEAD}{tree}\n"}


def listed() -> Iterator[tuple[str, list[Entry]]]:
    """The modules, and the names that each shows to people, as in `docs/api.txt`."""
    api = _api()
    sources = {name: api.read(path) for name, path in api.modules()}
    seen: set[tuple[str, str]] = set()
    for module in sorted(name for name in sources if api.is_public(name)):
        entries = []
        for name in api.public_names(sources[module]):
            home = api.resolve(sources, module, name)
            nodes = sources[home[0]].definitions.get(home[1], [])
            if nodes and home not in seen:
                entries.append(Entry(f"{module}.{name}", home, nodes[0]))
                seen.add(home)
        if entries:
            yield module, entries


def _page(room: str, parts: list[str]) -> str:
    title = TITLES.get(room, room)
    return "\n".join([title, "=" * len(title), "", *parts])


def _module(module: str, room: str, entries: list[Entry]) -> Iterator[str]:
    """A section of a page."""
    if module != room:
        yield from [module, "-" * len(module), ""]
    yield from [f"The rules: :doc:`/games/{module.rpartition('.')[2]}`.", ""] if _is_game(module) else []
    yield from [f".. {'module' if _is_game(module) else 'automodule'}:: {module}", ""]
    for name, home, node in entries:
        if isinstance(node, ast.FunctionDef):
            yield from [f".. autofunction:: {name}", ""]
        elif isinstance(node, ast.ClassDef):
            yield from [f".. autoclass:: {name}", "   :members:", ""]
        else:
            yield from [f".. data:: {name}", "", *_indented(_told(*home)), ""]


def _is_game(module: str) -> bool:
    """Whether the docstring of a module is a page of its own already, in Markdown."""
    return (DOCS / "games" / f"{module.rpartition('.')[2]}.md").exists() and module.startswith(
        "jaxplay.games."
    )


def _told(module: str, constant: str) -> str:
    """What stands below the definition of a constant; its type's docstring is none of it."""
    body = ast.parse(dict(_api().modules())[module].read_text()).body
    for node, after in itertools.pairwise(body):
        if constant in _api().defined(node) and isinstance(after, ast.Expr):
            return str(ast.literal_eval(after.value)) if isinstance(after.value, ast.Constant) else ""
    return ""


def _indented(text: str) -> list[str]:
    return [f"   {escaped(line)}".rstrip() for line in inspect.cleandoc(text).splitlines()]


@functools.cache
def _api() -> Any:
    """`docs/api.py`, which knows the public names."""
    spec = importlib.util.spec_from_file_location("jaxplay_docs_api", DOCS / "api.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
