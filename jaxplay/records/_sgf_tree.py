"""SGF as a tree of nodes, whatever game it tells of (file format 4, and older ones as they are met)."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from jaxplay.records.model import refuse

IDENTIFIER = re.compile(r"[A-Za-z]+")
SPACE = re.compile(r"\s*")
VALUE = re.compile(r"\s*\[")
SPECIAL = re.compile(r"\\(\r\n|\n\r|.)|\]", re.DOTALL)
"""An escaped sign or line break, or the end of a value."""
MOST_NODES = 200_000
MOST_DEEP = 5_000
"""Variations inside variations."""


class Value(NamedTuple):
    """A property's value without its escapes, and where it stands in the file."""

    text: str
    offset: int


@dataclass
class Node:
    """A node of a game tree.

    Attributes:
        properties: values by identifier, whose small letters, as older files have them, are left out.
        children: what follows; the first is the main line.
        offset: where it stands in the file.
    """

    offset: int
    properties: dict[str, list[Value]] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def first(self, name: str) -> Value | None:
        """The first value of a property; None where it is absent."""
        return self.properties.get(name, [None])[0]

    def text(self, name: str, default: str = "") -> str:
        """The first value's text."""
        value = self.first(name)
        return default if value is None else value.text


def read_trees(text: str) -> list[Node]:
    """The roots of the game trees of a collection. Nothing here is recursive, so that depth does no harm.

    Raises:
        RecordError: it is no collection.
    """
    at = re.search(r"\(\s*;", text)
    if at is None:
        raise refuse(text, 0, "no SGF: it has no game tree, which begins with '(;'")
    reader = _Reader(text, at.start())
    while reader.step():
        pass
    return reader.roots


class _Reader:
    def __init__(self, text: str, offset: int) -> None:
        self.text, self.at = text, offset
        self.roots: list[Node] = []
        self.stack: list[Node | None] = []
        self.node: Node | None = None
        self.num_nodes = 0

    def step(self) -> bool:
        """Read the next sign; False at the end."""
        self.at = SPACE.match(self.text, self.at).end()  # pyright: ignore[reportOptionalMemberAccess]
        if self.at >= len(self.text):
            if self.stack:
                raise refuse(self.text, self.at, "the file ends inside a game tree: a ')' is missing")
            return False
        sign = self.text[self.at]
        if sign == "(":
            self._open()
        elif sign == ")":
            self._close()
        elif sign == ";" and self.stack:
            self._new_node()
        elif self.stack and IDENTIFIER.match(sign):
            self._property()
        elif not self.stack:  # some files have remarks between their games
            following = self.text.find("(", self.at)
            self.at = len(self.text) if following < 0 else following
        else:
            raise refuse(self.text, self.at, f"{sign!r} is not expected here")
        return True

    def _open(self) -> None:
        if len(self.stack) >= MOST_DEEP:
            raise refuse(self.text, self.at, f"variations are nested too deeply; allowed: {MOST_DEEP}")
        self.stack.append(self.node if self.stack else None)
        self.at += 1

    def _close(self) -> None:
        if not self.stack:
            raise refuse(self.text, self.at, "')' closes nothing")
        self.node = self.stack.pop()
        self.at += 1

    def _new_node(self) -> None:
        self.num_nodes += 1
        if self.num_nodes > MOST_NODES:
            raise refuse(self.text, self.at, f"too many nodes; allowed: {MOST_NODES:,}")
        node = Node(self.at)
        (self.roots if self.node is None else self.node.children).append(node)
        self.node = node
        self.at += 1

    def _property(self) -> None:
        found = IDENTIFIER.match(self.text, self.at)
        assert found is not None
        if self.node is None:
            raise refuse(self.text, self.at, "a property stands before the first node, which begins with ';'")
        name = "".join(letter for letter in found[0] if letter.isupper())
        self.at, values = found.end(), self.node.properties.setdefault(name, [])
        before = len(values)
        while (following := VALUE.match(self.text, self.at)) is not None:
            values.append(self._value(following.end()))
        if len(values) == before:
            raise refuse(self.text, self.at, f"property {found[0][:20]} has no value in [ ]")

    def _value(self, begin: int) -> Value:
        """The value that begins there; leaves the place behind its bracket."""
        parts, at = [], begin
        for found in SPECIAL.finditer(self.text, begin):
            parts.append(self.text[at : found.start()])
            at = found.end()
            if found[0] == "]":
                self.at = at
                return Value("".join(parts), begin)
            parts.append("" if found[1][0] in "\r\n" else found[1])
        raise refuse(self.text, begin, "a value in [ ] does not end")


def escape(text: str, *, simple: bool = False) -> str:
    """Text as a value of SGF; simple text has no line breaks."""
    escaped = re.sub(r"([\]\\])", r"\\\1", text)
    return " ".join(escaped.split()) if simple else escaped
