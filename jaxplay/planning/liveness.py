"""Bytes that a program needs while it runs, from its traced form alone: nothing is compiled.

An array takes its place when it is made and leaves it after its last use. Three things that a compiler does
are counted with: what is computed element by element and read so too is never stored; a result takes the
place of an argument of its size that nobody reads again; loops update what they carry in place.
"""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core

FREE = {
    *("broadcast_in_dim", "iota", "reshape", "squeeze", "expand_dims", "stop_gradient"),
    *("random_wrap", "random_unwrap"),
}
"""Computed anew for each reader, since they cost nothing."""
FUSED = FREE | {
    *(
        "abs",
        "add",
        "and",
        "ceil",
        "clamp",
        "clz",
        "concatenate",
        "convert_element_type",
        "copy",
        "cos",
        "div",
    ),
    *("eq", "erf", "exp", "exp2", "expm1", "floor", "ge", "gt", "integer_pow", "is_finite", "le", "log"),
    *(
        "log1p",
        "logistic",
        "lt",
        "max",
        "min",
        "mul",
        "ne",
        "neg",
        "not",
        "optimization_barrier",
        "or",
        "pad",
    ),
    *(
        "population_count",
        "pow",
        "reduce_precision",
        "rem",
        "rev",
        "round",
        "rsqrt",
        "select_n",
        "shift_left",
    ),
    *(
        "shift_right_arithmetic",
        "shift_right_logical",
        "sign",
        "sin",
        "slice",
        "sqrt",
        "square",
        "sub",
        "tan",
    ),
    *("tanh", "transpose", "xor"),
}
"""Computed where it is read, if only one of these or of `READERS` reads it."""
STORES = {"dynamic_update_slice", "scatter", "scatter-add", "scatter_add", "scatter_mul", "scatter_max"}
READERS = STORES | {
    *("argmax", "argmin", "dynamic_slice", "gather", "reduce_and", "reduce_max", "reduce_min", "reduce_or"),
    *("reduce_prod", "reduce_sum"),
}
IN_PLACE = FUSED | STORES
"""Whose result may take the place of an argument that nobody reads again."""
LOOPS = {"scan", "while"}
"""They carry arrays from turn to turn, in places of their own."""


def peak_bytes(program: core.ClosedJaxpr) -> int:
    """The most bytes that a program holds at a time besides its arguments, which it may overwrite."""
    return _Program(program.jaxpr, set(program.jaxpr.invars)).peak()


class _Program:
    """A program, or one that it calls: who reads what, and for how long.

    Args:
        program: the traced program.
        owned: arguments in whose places results may be put.
    """

    def __init__(self, program: Any, owned: set[Any]) -> None:
        self.program, self.owned = program, owned
        self.readers: dict[Any, list[Any]] = {}
        self.last: dict[Any, int] = {}
        for number, equation in enumerate(program.eqns):
            for var in _vars(equation.invars):
                self.readers.setdefault(var, []).append(equation)
                self.last[var] = number
        self.results = set(_vars(program.outvars))

    def peak(self) -> int:
        """The most bytes at a time of what is made inside."""
        held = {var: size_of(var.aval) for var in self.owned}
        now = most = 0
        for number, equation in enumerate(self.program.eqns):
            dying = [v for v in dict.fromkeys(_vars(equation.invars)) if v in held and self._dies(v, number)]
            made = {v: 0 if self._virtual(v, equation) else size_of(v.aval) for v in _vars(equation.outvars)}
            reused = self._reused(equation, dying, made, held)
            new = sum(made.values()) - sum(held[var] for var in reused)
            inner = self._inner(equation, set(dying) & self.owned)
            loops = equation.primitive.name in LOOPS
            most = max(most, now + (new + inner if loops else max(new, inner)))
            now += new - sum(held[var] for var in dying if var not in reused and var not in self.owned)
            for var in dying:
                del held[var]
            held |= {var: size for var, size in made.items() if self._read(var)}
            now -= sum(size for var, size in made.items() if not self._read(var))
        return most

    def _read(self, var: Any) -> bool:
        return var in self.last or var in self.results

    def _dies(self, var: Any, number: int) -> bool:
        return self.last[var] == number and var not in self.results

    def _virtual(self, var: Any, equation: Any) -> bool:
        """Whether a value is computed where it is read, and never stored."""
        if var in self.results or equation.primitive.name not in FUSED:
            return False
        readers = self.readers.get(var, [])
        if len(readers) > 1 and equation.primitive.name not in FREE:
            return False
        return all(reader.primitive.name in FUSED | READERS for reader in readers)

    def _reused(
        self, equation: Any, dying: list[Any], made: dict[Any, int], held: dict[Any, int]
    ) -> set[Any]:
        """The arguments in whose places results of just their size are put."""
        if equation.primitive.name not in IN_PLACE | LOOPS and not any(inside(equation)):
            return set()
        left, found = list(dying), set()
        for size in made.values():
            place = next((var for var in left if held[var] == size), None) if size else None
            if place is not None:
                left.remove(place)
                found.add(place)
        return found

    def _inner(self, equation: Any, owned: set[Any]) -> int:
        """What the programs that an equation calls hold at most, the largest of them."""
        return max((self._called(equation, inner, owned) for inner in inside(equation)), default=0)

    def _called(self, equation: Any, inner: Any, owned: set[Any]) -> int:
        if equation.primitive.name in LOOPS:
            consts = equation.params.get("num_consts", equation.params.get("body_nconsts", 0))
            carried = equation.params.get("num_carry", len(equation.outvars))
            return _Program(inner, set(inner.invars[consts : consts + carried])).peak()
        given = equation.invars[-len(inner.invars) :]
        pairs = zip(given, inner.invars, strict=False)
        there = {var for atom, var in pairs if isinstance(atom, core.Var) and atom in owned}
        return _Program(inner, there).peak()


def inside(equation: Any) -> Iterator[Any]:
    """The programs that an equation calls."""
    for value in equation.params.values():
        for item in value if isinstance(value, tuple | list) else [value]:
            if isinstance(item, core.ClosedJaxpr):
                yield item.jaxpr
            elif isinstance(item, core.Jaxpr):
                yield item


def _vars(atoms: Any) -> Iterator[Any]:
    return (atom for atom in atoms if isinstance(atom, core.Var))


def size_of(shape: Any) -> int:
    """Bytes of an array of a shape and type; of typed keys what lies beneath."""
    if jnp.issubdtype(shape.dtype, jax.dtypes.prng_key):
        return shape.size * 8
    return shape.size * shape.dtype.itemsize
