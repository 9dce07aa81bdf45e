"""Which arrays of a donated state a compiled program makes anew, read from the program's own text."""

import re
from math import prod
from typing import NamedTuple

HANDED_ON = {
    "bitcast",
    "call",
    "conditional",
    "get-tuple-element",
    "opt-barrier",
    "tuple",
    "while",
}
"""What passes arrays on as they are."""

IN_PLACE = {"dynamic-update-slice", "scatter"}
"""What overwrites a part of its first operand."""

FRESH = {"broadcast", "constant", "parameter"}
"""What begins an array without reading one: a reset is no copy."""


class Made(NamedTuple):
    """An instruction of a program.

    Attributes:
        name: of its result.
        shapes: of the arrays that it results in: type and sizes, without axes of size 1.
        kind: the operation.
        operands: names.
        calls: the computation that a fusion stands for; empty for others.
        place: of an argument of the program: where it lies in the arguments' tree.
    """

    name: str
    shapes: list[str]
    kind: str
    operands: list[str]
    calls: str
    place: str


def copied(text: str, *parts: str, least: int = 128) -> set[str]:
    """Arrays like those arguments that `parts` name, which the program makes, and does not write in place.

    Args:
        text: of a compiled program, as `as_text` gives it.
        parts: of places in the arguments' tree, such as `memory`; an argument is meant that holds one.
        least: numbers of which an argument must consist to be meant.

    Returns:
        A line for each kind of instruction and shape, with the arguments of this shape.

    Raises:
        ValueError: no argument is meant.
    """
    bodies = _bodies(text)
    meant: dict[str, list[str]] = {}
    for one in bodies["ENTRY"]:
        if one.kind == "parameter" and any(part in one.place for part in parts):
            for shape in one.shapes:
                if prod(int(n) for n in re.findall(r"\d+", shape.partition("[")[2])) >= least:
                    meant.setdefault(shape, []).append(one.place)
    if not meant:
        raise ValueError(f"no argument of the program is called {' or '.join(parts)}")
    fused = {one.calls for body in bodies.values() for one in body if one.kind == "fusion"}
    found = set()
    for name, body in bodies.items():
        for one in body if name not in fused else []:
            for shape in _made_anew(one, bodies):
                if shape in meant:
                    found.add(f"{one.kind} makes {shape}: {', '.join(meant[shape])}")
    return found


def _bodies(text: str) -> dict[str, list[Made]]:
    """The instructions of each computation; the program itself is `ENTRY`. The root comes last."""
    found: dict[str, list[Made]] = {}
    body: list[Made] = []
    for line in text.splitlines():
        if head := re.match(r"(ENTRY )?%?([\w.-]+) \(.*\{$", line):
            body = found.setdefault("ENTRY" if head[1] else head[2], [])
        elif made := re.match(r"\s+(?:ROOT )?%?([\w.-]+) = (\(.*?\)|\S+) ([\w-]+)\((.*)$", line):
            name, types, kind, rest = made.groups()
            calls, place = re.search(r"calls=%?([\w.-]+)", rest), re.search(r'op_name="([^"]*)"', rest)
            operands = re.findall(r"%([\w.-]+)", rest.partition(")")[0])
            body.append(
                Made(name, _shapes(types), kind, operands, *(m[1] if m else "" for m in (calls, place)))
            )
    return found


def _shapes(types: str) -> list[str]:
    found = re.findall(r"(\w+)\[([\d,]*)\]", types)
    return [f"{kind}[{','.join(n for n in sizes.split(',') if n not in ('', '1'))}]" for kind, sizes in found]


def _made_anew(one: Made, bodies: dict[str, list[Made]]) -> list[str]:
    """The shapes of new arrays that an instruction results in."""
    if one.kind in HANDED_ON | IN_PLACE | FRESH:
        return []
    if one.kind != "fusion":
        return one.shapes
    inside = {made.name: made for made in bodies[one.calls]}
    root = bodies[one.calls][-1]
    results = [inside[name] for name in root.operands] if root.kind == "tuple" else [root]
    return [made.shapes[0] for made in results if not _overwrites(made, inside)]


def _overwrites(made: Made, inside: dict[str, Made]) -> bool:
    """Whether a fusion's result is fresh, or an argument of it in which a part is overwritten."""
    while made.kind in IN_PLACE | {"bitcast"}:
        made = inside[made.operands[0]]
    return made.kind in FRESH
