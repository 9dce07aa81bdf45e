"""What a lowered program is made of: the operations that a TPU does one element after the other."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import jax
from jax import export

SLOW = ("gather", "scatter", "sort", "while")
"""Operations that are counted."""
LINE = re.compile(r"^ *(%[\w#:]+(?:, %[\w#:]+)*) = (?:\"?stablehlo\.)?([\w.]+)\"?(.*)$")


def counts(function: Callable[..., Any], *shapes: Any, platform: str = "tpu") -> dict[str, int]:
    """How often each of `SLOW` stands in a program; gathers and scatters only where indices are computed.

    Args:
        function: jittable.
        *shapes: of its arguments.
        platform: that it is lowered for.
    """
    text = export.export(jax.jit(function), platforms=[platform])(*shapes).mlir_module()
    found: Counter[str] = Counter()
    constants: set[str] = set()
    for line in text.splitlines():
        if "func.func" in line:
            constants = set()
        match = LINE.match(line)
        if match is None:
            continue
        results, name, rest = match.groups()
        operands = re.findall(r"%\w+", rest.split(" : ")[0])
        if name in ("constant", "iota") or (operands and set(operands) <= constants and name != "while"):
            constants.add(results)
        elif name in ("gather", "scatter", "dynamic_gather"):
            found[name] += operands[1] not in constants
        elif name in SLOW:
            found[name] += 1
    return {name: count for name, count in sorted(found.items()) if count}
