"""Writes docs/api.txt, every public name of the package with its signature: `python docs/api.py`.

A name is public if neither it nor a module on the way to it begins with an underscore. A package that has an
`__all__` lists those names; its modules then list the names that are left. Programs (`jaxplay.cli` and
`jaxplay.benchmarks`) are left out: they are run, not imported. The source is read and not imported, so that
the text is the same on every machine.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "api.txt"
PROGRAMS = ("jaxplay.benchmarks", "jaxplay.cli")
LONGEST = 60
"""Characters of the longest value of a constant that is shown."""
SHOWN_METHODS = ("__call__", "__init__")


class Source(NamedTuple):
    """What the text of a module says.

    Attributes:
        definitions: statements that define a name; several where a function is overloaded.
        imports: the module and the name there of each imported name.
        exported: the names in `__all__`; None without one.
    """

    definitions: dict[str, list[ast.stmt]]
    imports: dict[str, tuple[str, str]]
    exported: list[str] | None


def main() -> None:
    """Write the file."""
    TARGET.write_text(text())


def text() -> str:
    """The whole file."""
    sources = {name: read(path) for name, path in modules()}
    listed: set[tuple[str, str]] = set()
    parts = []
    for module in sorted(name for name in sources if is_public(name)):
        lines = []
        for name in public_names(sources[module]):
            home = resolve(sources, module, name)
            nodes = sources[home[0]].definitions.get(home[1], [])
            if home not in listed:
                lines += [line for node in nodes for line in show(node, name)]
                listed.add(home)
        if lines:
            parts.append("\n    ".join([module, *lines]))
    return "\n\n".join(parts) + "\n"


def modules() -> Iterator[tuple[str, Path]]:
    """Every module by its full name; the games stand beside the package."""
    for folder in (ROOT / "jaxplay", ROOT / "games"):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            yield ".".join(parts if parts[0] == "jaxplay" else ("jaxplay", *parts)), path


def is_public(module: str) -> bool:
    """Whether people may import a module."""
    return not module.startswith(PROGRAMS) and "._" not in module


def read(path: Path) -> Source:
    """The names of a module."""
    definitions: dict[str, list[ast.stmt]] = {}
    imports: dict[str, tuple[str, str]] = {}
    exported = None
    for node in statements(ast.parse(path.read_text()).body):
        if isinstance(node, ast.ImportFrom) and node.module:
            imports |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        for name in defined(node):
            definitions.setdefault(name, []).append(node)
            if name == "__all__" and isinstance(node, ast.Assign):
                exported = [str(item) for item in ast.literal_eval(node.value)]
    return Source(definitions, imports, exported)


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under a condition included."""
    for node in body:
        if isinstance(node, ast.If):
            yield from statements([*node.body, *node.orelse])
        else:
            yield node


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement defines; type variables are no names of the interface."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Assign) and not ast.unparse(node.value).startswith(("TypeVar", "ParamSpec")):
        names = [name for target in node.targets for name in ast.walk(target)]
        return [name.id for name in names if isinstance(name, ast.Name)]
    return []


def public_names(source: Source) -> list[str]:
    """The public names of a module, sorted."""
    names = source.definitions if source.exported is None else source.exported
    return sorted(name for name in names if not name.startswith("_"))


def resolve(sources: dict[str, Source], module: str, name: str) -> tuple[str, str]:
    """The module that defines a name, and its name there."""
    while name not in sources[module].definitions and name in sources[module].imports:
        target, original = sources[module].imports[name]
        if target not in sources or f"{target}.{original}" in sources:
            break
        module, name = target, original
    return module, name


def show(node: ast.stmt, name: str) -> list[str]:
    """The lines that describe a definition."""
    if isinstance(node, ast.FunctionDef):
        return [function(node, name)]
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        return [f"class {name}({bases})" if bases else f"class {name}", *members(node)]
    if isinstance(node, ast.AnnAssign):
        return [f"{name}: {ast.unparse(node.annotation)}"]
    value = ast.unparse(node.value) if isinstance(node, ast.Assign) else ""
    return [f"{name} = {value}" if len(value) <= LONGEST else f"{name} = ..."]


def function(node: ast.FunctionDef, name: str) -> str:
    """A signature; a property looks like a field."""
    returns = ast.unparse(node.returns) if node.returns else "None"
    if any("property" in ast.unparse(decorator) for decorator in node.decorator_list):
        return f"{name}: {returns}"
    return f"def {name}({ast.unparse(node.args)}) -> {returns}"


def members(node: ast.ClassDef) -> list[str]:
    """The public fields and methods of a class, in the order of the source."""
    lines = []
    for part in node.body:
        if isinstance(part, ast.AnnAssign):
            lines.append(f"    {ast.unparse(part)}")
        elif isinstance(part, ast.FunctionDef):
            lines.append(f"    {function(part, part.name)}")
    names = [line.strip().removeprefix("def ").partition("(")[0].partition(":")[0] for line in lines]
    return [
        line
        for line, name in zip(lines, names, strict=True)
        if not name.startswith("_") or name in SHOWN_METHODS
    ]


if __name__ == "__main__":
    main()
