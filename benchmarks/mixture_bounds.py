"""Bounds of what a mixture of policies gives away, by positions alone: where histories are too many.

A mixture plays each game as one of its members. Whoever plays against it learns by its moves which one that
is; so an exact best response (`jaxplay.solve.mixture_exploitability`) looks at all histories. By positions:

- no response earns more than one that is told the member before the game, the mean of the best responses to
  each member: the upper bound;
- what a response that looks at the position alone earns of each member is exact too, and their mean a lower
  bound. The one taken here is a best response to what members do in each position in the mean, by how likely
  each of them is to be there. That hangs on the response in turn, so the better of two rounds is taken.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

NOTHING, WON, DRAWN, LOST = -1, -2, -3, -4
"""Instead of the number of a position: there is no such move (of the mixture: or it has lost by it), or the
mixture has won, drawn or lost."""
STRAY = (1e6, 0.1)
"""In each round: weight of every move beside the response's own, to see what members do behind it."""

Chances = Callable[[Any, Any], Array]
"""`positions of a stage, params of a member -> (n, E)`: chances of its moves, 0 where there are none."""


class Stage(NamedTuple):
    """Positions in which the same side is to move, and from which all moves lead to the next stage.

    Attributes:
        responds: it is the responder that moves.
        child: `(n, E)` int32: numbers among the positions of the next stage, or one of those above.
        positions: what members are asked about.
    """

    responds: bool
    child: Array
    positions: Any


class Bounds(NamedTuple):
    """Of what a best response earns.

    Attributes:
        lower: by a response that looks at the position only.
        upper: by one that is told the member.
    """

    lower: float
    upper: float


def mixture_bounds(
    stages: Sequence[Stage], chances: Chances
) -> Callable[[Sequence[Any], np.ndarray], Bounds]:
    """A function `params of M members, weights (M,) -> Bounds`, compiled at its first call.

    The bounds are of one seat, in a game of zero sum whose returns are -1, 0 and 1.

    Args:
        stages: all positions; the first stage has one.
        chances: of the members' moves.
    """
    responds = [stage.responds for stage in stages]
    children, positions = [stage.child for stage in stages], [stage.positions for stage in stages]

    @jax.jit
    def presence(children: Any, positions: Any, params: Any, response: Any, stray: Array) -> list[Array]:
        moves = _moves(responds, chances, positions, params)
        return _presence(responds, children, moves, response, stray)

    @jax.jit
    def respond(children: Any, played: Any) -> list[Array]:
        return _respond(responds, children, played)

    @jax.jit
    def shortfalls(children: Any, positions: Any, params: Any, response: Any) -> tuple[Array, Array]:
        moves = _moves(responds, chances, positions, params)
        return _shortfalls(responds, children, moves, response)

    def bounds(members: Sequence[Any], weights: np.ndarray) -> Bounds:
        share = np.asarray(weights, float) / np.sum(weights)
        response = [jnp.zeros(child.shape[:1], jnp.int32) for child in children]
        least = told = np.inf
        for stray in STRAY:
            played: Any = None
            for weight, params in zip(share, members, strict=True):
                found = presence(children, positions, params, response, jnp.float32(stray))
                found = jax.tree.map(lambda x, w=weight: w * x, found)
                played = found if played is None else jax.tree.map(jnp.add, played, found)
            response = respond(children, played)
            falls = [shortfalls(children, positions, params, response) for params in members]
            told, seen = share @ np.array(falls, float)
            least = min(least, float(seen))
        return Bounds(1.0 - least, 1.0 - float(told))

    return bounds


def _moves(responds: list[bool], chances: Chances, positions: list[Any], params: Any) -> list[Array]:
    """For each stage `(n, E)`: chances of the member's moves; nothing where the responder moves."""
    nothing = jnp.zeros((0, 0))
    return [nothing if r else chances(p, params) for r, p in zip(responds, positions, strict=True)]


def _presence(
    responds: list[bool], children: list[Array], moves: list[Array], response: list[Array], stray: Array
) -> list[Array]:
    """For each stage `(n, E)`: how often a member is there and makes each move.

    Against a response `(n,)` that makes every other move with the weight `stray`.
    """
    there, found = jnp.ones((1,)), []
    for number, child in enumerate(children):
        chance = moves[number]
        if responds[number]:
            chance = jax.nn.one_hot(response[number], child.shape[1]) + stray * (child != NOTHING)
            chance = chance / chance.sum(axis=1, keepdims=True)
        flow = there[:, None] * chance
        found.append(jnp.zeros((0, 0)) if responds[number] else flow)
        if number + 1 < len(children):
            size = children[number + 1].shape[0]
            there = jnp.zeros((size,)).at[jnp.where(child >= 0, child, size)].add(flow, mode="drop")
    return found


def _respond(responds: list[bool], children: list[Array], played: list[Array]) -> list[Array]:
    """`(n,)` int32 for each stage: the best response to how often each move is `played`."""
    short, found = jnp.zeros((1,)), []
    for number in reversed(range(len(children))):
        after = _after(children[number], short, responds=responds[number])
        best = jnp.zeros(after.shape[:1], jnp.int32)
        if responds[number]:
            best, short = jnp.argmin(after, axis=1).astype(jnp.int32), after.min(axis=1)
        else:
            total = played[number].sum(axis=1)
            mean = (played[number] * after).sum(axis=1) / jnp.where(total > 0.0, total, 1.0)
            short = jnp.where(total > 0.0, mean, 1.0)
        found.append(best)
    return found[::-1]


def _shortfalls(
    responds: list[bool], children: list[Array], moves: list[Array], response: list[Array]
) -> tuple[Array, Array]:
    """How much less than a sure win is earned of a member, by its best response and by a given one."""
    best = given = jnp.zeros((1,))
    for number in reversed(range(len(children))):
        one, other = (_after(children[number], x, responds=responds[number]) for x in (best, given))
        if responds[number]:
            best = one.min(axis=1)
            given = jnp.take_along_axis(other, response[number][:, None], axis=1)[:, 0]
        else:
            best, given = ((moves[number] * x).sum(axis=1) for x in (one, other))
    return best[0], given[0]


def _after(child: Array, short: Array, *, responds: bool) -> Array:
    """`(n, E)`: what is missing to a sure win behind each move."""
    ends = jnp.array([jnp.inf if responds else 0.0, 2.0, 1.0, 0.0])
    return jnp.where(child >= 0, short[jnp.maximum(child, 0)], ends[jnp.maximum(-1 - child, 0)])
