"""What a policy gives away as the first player of small Hex without the swap, exactly, up to 4 x 4 cells.

The first player wins with best play. So in the other seat a best response wins for certain; and against a
policy in the first seat it is enough to look at positions that are still won for it, since what leaves them
is lost. Of the 9.4 million positions on 4 x 4 cells that leaves 2.5 million in which the policy is asked.

A board is two sets of cells, the first player's stones and the second's, as bits of integers.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.benchmarks.mixture_bounds import Bounds, Stage, mixture_bounds
from jaxplay.errors import UserError
from jaxplay.games._hex_board import NEIGHBOURS, STONES
from jaxplay.games.hex import Hex
from jaxplay.solve import AskPolicy
from jaxplay.struct import replace

MAX_SIZE = 4
BATCH = 2**15
"""Positions in one call of a policy."""
LOST, WON = -1, -2
"""Instead of a number: the move leaves the positions won for the first player, or ends the game so."""


class Boards(NamedTuple):
    """n boards with the same number of stones: `(n,)` integers each."""

    first: np.ndarray
    second: np.ndarray


class Won(NamedTuple):
    """Positions won for the first player, with the same number of stones.

    Attributes:
        boards: n of them, the game not over.
        child: `(n, cells)` int32: numbers among those with one stone more, or `LOST` or `WON`.
    """

    boards: Boards
    child: np.ndarray


def first_player_exploitability(game: Hex, ask: AskPolicy) -> Callable[[Any], Array]:
    """A compiled function `params -> ()`: the exploitability of a policy, as `jaxplay.solve` defines it.

    It is half of 1, what a best response earns by moving first, and what it earns by moving second.

    Args:
        game: without the swap, at most 4 x 4.
        ask: the policy; asked about boards whose chains are not marked, which `observe` does not show.

    Raises:
        UserError: another kind of Hex.
    """
    if game.swap or game.size > MAX_SIZE:
        raise UserError(f"first moves are measured of hex with swap=False and size {MAX_SIZE} at most")

    @jax.jit
    def exploitability(levels: list[Won], params: Any) -> Array:
        # How much less than a sure win the responder expects, from the last level to the first.
        short = jnp.zeros((1,))
        for depth in range(len(levels) - 1, -1, -1):
            child = jnp.asarray(levels[depth].child)
            after = jnp.where(child == WON, 2.0, jnp.where(child == LOST, 0.0, short[child]))
            if depth % 2:
                short = jnp.where(child == LOST, jnp.inf, after).min(axis=1)
            else:
                short = (_chances(game, ask, params, levels[depth].boards) * after).sum(axis=1)
        return 1.0 - short[0] / 2.0

    levels = _on_device(game.size)
    return lambda params: exploitability(levels, params)


def first_player_mixture(game: Hex, ask: AskPolicy) -> Callable[[Sequence[Any], np.ndarray], Bounds]:
    """A function `params of M members, weights (M,) -> Bounds` of the exploitability of their mixture.

    A member is drawn before each game. The bounds are those of `jaxplay.benchmarks.mixture_bounds`: which of
    the members plays shows in the history only, of which there are too many.

    Args:
        game: see `first_player_exploitability`.
        ask: see there.

    Raises:
        UserError: see there.
    """
    first_player_exploitability(game, ask)
    levels = _on_device(game.size)
    stages = [Stage(bool(depth % 2), level.child, level.boards) for depth, level in enumerate(levels)]
    earned = mixture_bounds(stages, lambda boards, params: _chances(game, ask, params, boards))

    def exploitability(members: Sequence[Any], weights: np.ndarray) -> Bounds:
        found = earned(members, weights)  # moving second; moving first a best response wins
        return Bounds((1.0 + found.lower) / 2.0, (1.0 + found.upper) / 2.0)

    return exploitability


@cache
def _on_device(size: int) -> Any:
    return jax.device_put(won_for_first(size))


def _chances(game: Hex, ask: AskPolicy, params: Any, boards: Boards) -> Array:
    """`(n, cells)`: the policy of the first player, to move on `boards`."""
    number, size = len(boards.first), min(BATCH, len(boards.first))
    padded = tuple(jnp.resize(side, (-(-number // size), size)) for side in boards)

    def part(first: Array, second: Array) -> Array:
        cells = jnp.arange(game.num_cells)
        mine, theirs = ((side[:, None] >> cells[None]) & 1 for side in (first, second))
        start = jax.tree.map(lambda x: jnp.broadcast_to(x, (size, *x.shape)), game.init(jax.random.key(0)))
        chains = (STONES * (mine - theirs)).astype(start.chains.dtype)
        empty = chains == 0
        weights = ask(params, replace(start, chains=chains, legal_action_mask=empty)) * empty
        return weights / weights.sum(axis=1, keepdims=True)

    found = jax.lax.map(lambda sides: part(*sides), padded)
    return found.reshape(-1, game.num_cells)[:number]


def won_for_first(size: int) -> list[Won]:
    """By the number of stones: positions won for the first player that can occur while it errs not once."""
    rules = _Rules(size)
    values = rules.solve()
    boards, levels = Boards(np.zeros(1, np.int64), np.zeros(1, np.int64)), []
    while len(boards.first):
        child = np.full((len(boards.first), rules.cells), LOST, np.int32)
        parent, cell = np.nonzero(rules.empty(boards))
        after = rules.placed(boards, parent, cell, first=len(levels) % 2 == 0)
        kept = values[rules.codes(after)]
        parent, cell, after = parent[kept], cell[kept], Boards(*(side[kept] for side in after))
        over = rules.first_wins[after.first]
        child[parent[over], cell[over]] = WON
        live = Boards(*(side[~over] for side in after))
        code, number = np.unique(rules.codes(live), return_inverse=True)
        child[parent[~over], cell[~over]] = number
        levels.append(Won(boards, child))
        boards = rules.boards(code)
    return levels


class _Rules:
    """Small Hex on sets of cells. A board's code is a number to the base of 3."""

    def __init__(self, size: int) -> None:
        self.size, self.cells = size, size * size
        sets, side = np.arange(2**self.cells), np.arange(size)
        self.bits = (sets[:, None] >> np.arange(self.cells)) & 1
        self.ternary = self.bits @ 3 ** np.arange(self.cells)
        self.first_wins = self._connects(side, side + size * (size - 1))
        self.second_wins = self._connects(side * size, side * size + size - 1)

    def _connects(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """`(2**cells,)` bool: sets with a chain from some cell of `start` to some of `end`."""
        reached = np.zeros_like(self.bits)
        reached[:, start] = self.bits[:, start]
        row, column = np.divmod(np.arange(self.cells), self.size)
        while True:
            before = reached.copy()
            for down, right in NEIGHBOURS:
                inside = (row + down >= 0) & (row + down < self.size)
                inside &= (column + right >= 0) & (column + right < self.size)
                to = np.flatnonzero(inside)
                reached[:, to] |= reached[:, to + down * self.size + right] & self.bits[:, to]
            if (before == reached).all():
                return reached[:, end].any(axis=1)

    def codes(self, boards: Boards) -> np.ndarray:
        return self.ternary[boards.first] + 2 * self.ternary[boards.second]

    def boards(self, codes: np.ndarray) -> Boards:
        first, second, rest = np.zeros_like(codes), np.zeros_like(codes), codes
        for cell in range(self.cells):
            rest, stone = np.divmod(rest, 3)
            first, second = first + ((stone == 1) << cell), second + ((stone == 2) << cell)
        return Boards(first, second)

    def empty(self, boards: Boards) -> np.ndarray:
        """`(n, cells)` bool."""
        return self.bits[boards.first | boards.second] == 0

    def placed(self, boards: Boards, parent: np.ndarray, cell: np.ndarray, *, first: bool) -> Boards:
        """Boards after a stone on `cell` `(m,)` of each `parent` `(m,)`."""
        stone = 1 << cell
        before = Boards(boards.first[parent], boards.second[parent])
        return (
            Boards(before.first | stone, before.second)
            if first
            else Boards(before.first, before.second | stone)
        )

    def solve(self) -> np.ndarray:
        """`(3**cells,)` bool by code: boards that the first player wins; False where none can occur."""
        values = np.zeros(3**self.cells, bool)
        for stones in range(self.cells, -1, -1):
            boards = self._all(stones)
            code, first = self.codes(boards), stones % 2 == 0
            wins = np.full(len(code), not first)
            for cell in range(self.cells):
                empty = (boards.first | boards.second) >> cell & 1 == 0
                after = values[code[empty] + (1 if first else 2) * 3**cell]
                wins[empty] = wins[empty] | after if first else wins[empty] & after
            values[code] = self.first_wins[boards.first] | (wins & ~self.second_wins[boards.second])
        return values

    def _all(self, stones: int) -> Boards:
        """Every board with so many stones, in turn from the first player."""
        count = self.bits.sum(axis=1)
        mine = np.flatnonzero(count == (stones + 1) // 2)
        theirs = np.flatnonzero(count == stones // 2)
        pairs = [(np.full(len(fit), a), fit) for a in mine if len(fit := theirs[theirs & a == 0])]
        return Boards(*(np.concatenate(side) for side in zip(*pairs, strict=True)))
