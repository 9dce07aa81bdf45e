"""Exact outcomes of Connect Four positions, by alpha-beta search of many positions at once.

It makes positions that no setting was tuned on. Each lane searches one position, with a stack and a table of
its own; all lanes go on in one compiled loop. Boards are 64-bit words: a column takes seven bits, its floor
the lowest, the seventh empty. Only outcomes are found, not how long they take.

Ordering and pruning: a win at once, the only answer to a threat, no move under an opponent's winning cell,
then moves that make most winning cells first, columns from the middle outwards.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

COLUMNS, ROWS = 7, 6
HEIGHT = ROWS + 1
CELLS = COLUMNS * ROWS
ORDER = (3, 2, 4, 1, 5, 0, 6)
FLOOR = sum(1 << HEIGHT * column for column in range(COLUMNS))
BOARD = FLOOR * ((1 << ROWS) - 1)
TABLE_BITS = 14
"""Of the number of entries in the table of a lane."""
MIXER = 0x9E3779B97F4A7C15
LANES = 512
STEPS = 64
"""Between two looks at which lanes are through."""
UNKNOWN = 2
"""More than any outcome."""


class Boards(NamedTuple):
    """Positions: `(N,)` uint64 each, the stones of the player to move, and all stones."""

    own: np.ndarray
    mask: np.ndarray


class _Frames(NamedTuple):
    """The stack of one lane: `(CELLS,)` each."""

    own: Array
    mask: Array
    moves: Array
    first: Array
    alpha: Array
    beta: Array
    best: Array


class _Lane(NamedTuple):
    """A search. `answer` is what the position above the stack's top is worth to its player, or `UNKNOWN`."""

    frames: _Frames
    depth: Array
    answer: Array
    table: Array


class _Search(NamedTuple):
    """All lanes, which position each searches (N: none), how many were taken, and `(N,)` outcomes."""

    lanes: _Lane
    position: Array
    taken: Array
    found: Array


def outcomes(boards: Boards, *, lanes: int = LANES) -> np.ndarray:
    """`(N,)` int8: 1 where the player to move wins, 0 where best play draws, -1 where it loses.

    Args:
        boards: whose games are not over.
        lanes: positions that are searched at once.
    """
    with jax.enable_x64(True):
        return np.asarray(_compiled(min(lanes, len(boards.own)))(*boards))


def children_outcomes(boards: Boards, *, lanes: int = LANES) -> np.ndarray:
    """`(N, 7)` int8: what each column leads to for the player to move; `UNKNOWN` where it is full."""
    found = np.full((len(boards.own), COLUMNS), UNKNOWN, np.int8)
    places, own, mask = [], [], []
    for number, (mine, everything) in enumerate(zip(boards.own.tolist(), boards.mask.tolist(), strict=True)):
        for column in range(COLUMNS):
            move = (everything + (1 << HEIGHT * column)) & (((1 << ROWS) - 1) << HEIGHT * column)
            if not move:
                continue
            after = everything | move
            if _wins(mine | move):
                found[number, column] = 1
            elif after == BOARD:
                found[number, column] = 0
            else:
                places.append((number, column))
                own.append(everything ^ mine)
                mask.append(after)
    below = outcomes(Boards(np.array(own, np.uint64), np.array(mask, np.uint64)), lanes=lanes)
    for (number, column), outcome in zip(places, below.tolist(), strict=True):
        found[number, column] = -outcome
    return found


def random_positions(count: int, plies: range, seed: int) -> Iterator[tuple[str, int, int]]:
    """Moves, stones of the player to move and all stones, of positions after random moves."""
    rng = np.random.default_rng(seed)
    made = 0
    while made < count:
        own, mask, text = 0, 0, ""
        for _ in range(int(rng.choice(plies))):
            free = [c for c in range(COLUMNS) if not mask >> (HEIGHT * c + ROWS - 1) & 1]
            column = int(rng.choice(free))
            move = (mask + (1 << HEIGHT * column)) & (((1 << ROWS) - 1) << HEIGHT * column)
            if _wins(own | move):
                break
            own, mask, text = mask ^ own, mask | move, text + str(column)
        else:
            made += 1
            yield text, own, mask


def _wins(stones: int) -> bool:
    """Whether four of these are in a row."""
    for step in (1, HEIGHT - 1, HEIGHT, HEIGHT + 1):
        pairs = stones & stones >> step
        if pairs & pairs >> 2 * step:
            return True
    return False


def _word(number: int) -> np.uint64:
    return np.uint64(number)


def _winning(own: Array, mask: Array) -> Array:
    """The empty cells, whether they can be reached or not, that give `own` four in a row."""
    found = (own << _word(1)) & (own << _word(2)) & (own << _word(3))
    for step in map(_word, (HEIGHT - 1, HEIGHT, HEIGHT + 1)):
        two, three = step * _word(2), step * _word(3)
        pair = (own << step) & (own << two)
        found |= (pair & (own << three)) | (pair & (own >> step))
        pair = (own >> step) & (own >> two)
        found |= (pair & (own << step)) | (pair & (own >> three))
    return found & (_word(BOARD) ^ mask)


def _look(own: Array, mask: Array) -> tuple[Array, Array]:
    """What is seen at once: the outcome, or `UNKNOWN`, and the moves worth a search."""
    reach = (mask + _word(FLOOR)) & _word(BOARD)
    threats = _winning(mask ^ own, mask)
    forced = threats & reach
    wins = (_winning(own, mask) & reach) != 0
    lost = (forced & (forced - _word(1))) != 0
    moves = jnp.where(forced != 0, forced, reach) & ~(threats >> _word(1))
    lost = lost | (moves == 0)
    outcome = jnp.where(wins, 1, jnp.where(mask == _word(BOARD), 0, jnp.where(lost, -1, UNKNOWN)))
    return outcome.astype(jnp.int8), moves


def _best_move(own: Array, mask: Array, moves: Array) -> Array:
    """The move that makes most winning cells; of equals, the one nearest to the middle."""
    columns = np.array([((1 << ROWS) - 1) << HEIGHT * c for c in ORDER], np.uint64)
    each = moves & columns
    counts = jax.vmap(lambda move: jax.lax.population_count(_winning(own | move, mask | move)))(each)
    score = jnp.where(each != 0, counts.astype(jnp.int32), -1)
    return each[jnp.argmax(score)]


def _start(own: Array, mask: Array, table: Array) -> _Lane:
    outcome, moves = _look(own, mask)
    empty, small = jnp.zeros(CELLS, jnp.uint64), jnp.zeros(CELLS, jnp.int8)
    frames = _Frames(
        empty.at[0].set(own),
        empty.at[0].set(mask),
        empty.at[0].set(moves),
        small - 1,
        small - 1,
        small + 1,
        small - 1,
    )
    known = outcome != UNKNOWN
    return _Lane(frames, jnp.where(known, -1, 0).astype(jnp.int32), outcome, table)


def _place(key: Array) -> Array:
    return ((key * _word(MIXER)) >> _word(64 - TABLE_BITS)).astype(jnp.int32)


def _step(lane: _Lane) -> _Lane:
    """Take an answer from above, or search the next move."""
    depth = jnp.maximum(lane.depth, 0)
    top = jax.tree.map(lambda leaf: leaf[depth], lane.frames)
    answered = lane.answer != UNKNOWN
    value = jnp.where(answered, -lane.answer, -1).astype(jnp.int8)
    best, alpha = jnp.maximum(top.best, value), jnp.maximum(top.alpha, value)
    best, alpha = jnp.where(answered, best, top.best), jnp.where(answered, alpha, top.alpha)
    done = (alpha >= top.beta) | (top.moves == 0)
    key = top.own + top.mask
    place = _place(key)
    goes_on = lane.depth >= 0
    store = done & goes_on
    low, high = jnp.where(best > top.first, best, -1), jnp.where(best >= top.beta, 1, best)
    entry = key << _word(4) | ((low + 1) << 2 | (high + 1)).astype(jnp.uint64)
    table = lane.table.at[jnp.where(store, place, len(lane.table))].set(entry, mode="drop")

    move = _best_move(top.own, top.mask, top.moves)
    own, mask = top.mask ^ top.own, top.mask | move
    outcome, moves = _look(own, mask)
    child = own + mask
    at = _place(child)
    entry = table[at]
    known = entry >> _word(4) == child
    bounds = (entry & _word(15)).astype(jnp.int8)
    below, above = jnp.where(known, (bounds >> 2) - 1, -1), jnp.where(known, (bounds & 3) - 1, 1)
    new_alpha, new_beta = jnp.maximum(-top.beta, below), jnp.minimum(-alpha, above)
    told = known & (new_alpha >= new_beta)
    outcome = jnp.where((outcome == UNKNOWN) & told, jnp.where(below >= -alpha, below, above), outcome)
    pushes = ~done & (outcome == UNKNOWN) & goes_on
    left = jnp.where(done, top.moves, top.moves & ~move)
    here = _Frames(top.own, top.mask, left, top.first, alpha, top.beta, best)
    frames = jax.tree.map(lambda leaf, new: leaf.at[depth].set(new.astype(leaf.dtype)), lane.frames, here)
    new = _Frames(own, mask, moves, new_alpha, new_alpha, new_beta, jnp.int8(-1))
    over = jnp.minimum(depth + 1, CELLS - 1)
    frames = jax.tree.map(
        lambda leaf, new: leaf.at[over].set(jnp.where(pushes, new.astype(leaf.dtype), leaf[over])),
        frames,
        new,
    )
    after = jnp.where(done, lane.depth - 1, jnp.where(pushes, lane.depth + 1, lane.depth))
    answer = jnp.where(done, best, jnp.where(pushes, UNKNOWN, outcome)).astype(jnp.int8)
    depth, answer = jnp.where(goes_on, after, -1).astype(jnp.int32), jnp.where(goes_on, answer, lane.answer)
    return _Lane(frames, depth, answer, table)


def _refill(search: _Search, own: Array, mask: Array) -> _Search:
    """Note the answers of lanes that are through, and give them the next positions. Tables stay."""
    count = len(own)
    through = search.lanes.depth < 0
    found = search.found.at[jnp.where(through, search.position, count)].set(search.lanes.answer, mode="drop")
    position = search.taken + jnp.cumsum(through, dtype=jnp.int32) - 1
    new = through & (position < count)
    at = jnp.minimum(position, count - 1)
    begun = jax.vmap(_start)(own[at], mask[at], search.lanes.table)

    def pick(new_leaf: Array, old_leaf: Array) -> Array:
        return jnp.where(new.reshape(-1, *[1] * (old_leaf.ndim - 1)), new_leaf, old_leaf)

    frames, depth, answer = (
        jax.tree.map(pick, getattr(begun, name), getattr(search.lanes, name))
        for name in ("frames", "depth", "answer")
    )
    lanes = search.lanes._replace(frames=frames, depth=depth, answer=answer)
    position = jnp.where(new, position, jnp.where(through, count, search.position))
    return _Search(lanes, position, search.taken + new.sum(dtype=jnp.int32), found)


@cache
def _compiled(lanes: int) -> Callable[[np.ndarray, np.ndarray], Array]:
    """A function of `(N,)` positions to their outcomes `(N,)` int8."""

    def search(own: Array, mask: Array) -> Array:
        count = len(own)
        table = jnp.zeros((lanes, 1 << TABLE_BITS), jnp.uint64)
        first = jax.vmap(_start)(own[:lanes], mask[:lanes], table)
        begin = _Search(
            first, jnp.arange(lanes, dtype=jnp.int32), jnp.int32(lanes), jnp.zeros(count, jnp.int8)
        )

        def go_on(search: _Search) -> _Search:
            stepped = jax.lax.fori_loop(0, STEPS, lambda _, lane: jax.vmap(_step)(lane), search.lanes)
            return _refill(search._replace(lanes=stepped), own, mask)

        return jax.lax.while_loop(lambda search: (search.position < count).any(), go_on, begin).found

    return jax.jit(search)
