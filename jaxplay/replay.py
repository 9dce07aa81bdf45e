"""An on-device ring of positions, whose outcomes arrive when their games end.

Rows are plies and columns are matches, so that a chunk of self-play is one contiguous write. A position
keeps the number of its game; a table by game number, as long as the ring, holds the returns of finished
games. So a finished game is one write, however long it was, and positions of unfinished games are known.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.rollout import Trajectory
from jaxplay.struct import pytree, replace


@pytree
class Replay:
    """R rows of B matches. V numbers a value, fixed frame.

    Attributes:
        state: positions, leaves `(R, B, ...)`, stripped.
        policy_target: `(R, B, A)` float16; negative where illegal.
        search_value: `(R, B, V)` float32.
        earned: `(R, B, V)` float32, rewards of the game before the position.
        game: `(R, B)` int32, the number of the match's game.
        policy_weight: `(R, B)` float32.
        value_weight: `(R, B)` float32.
        returns: `(R, B, V)` float32, sums of rewards of game `g` at row `g % R`.
        finished: `(R, B)` int32, the number of the game that `returns` is of.
        final: the last states of finished games, stripped, at the row of their `returns`, leaves
            `(R, B, ...)`; not terminal where a game was cut or given up. None if moves have none.
        potential: `(R, B, V)` float32; None if moves have none.
        current_game: `(B,)` int32, the number of the game being played.
        current_earned: `(B, V)` float32, its rewards so far.
        row: int32, the next row to write.
        filled: int32, rows that hold positions.
    """

    state: Any
    policy_target: Array
    search_value: Array
    earned: Array
    game: Array
    policy_weight: Array
    value_weight: Array
    returns: Array
    finished: Array
    final: Any
    potential: Array | None
    current_game: Array
    current_earned: Array
    row: Array
    filled: Array


class Samples(NamedTuple):
    """N positions with targets.

    Attributes:
        state: stripped, leaves `(N, ...)`.
        policy_target: `(N, A)` float32; negative where illegal.
        search_value: `(N, V)` float32, fixed frame.
        to_come: `(N, V)` float32, rewards from the position to the end of its game, fixed frame.
        policy_weight: `(N,)` float32.
        value_weight: `(N,)` float32; 0 where the game has not ended.
        reply_target: `(N, A)` float32, the policy target of the game's next position; None if not asked for.
        reply_weight: `(N,)` float32, of that target; 0 where there is none. None as before.
        final: stripped, leaves `(N, ...)`, the state in which the game ended; None if moves have none.
        potential: `(N, V)` float32; None if moves have none.
    """

    state: Any
    policy_target: Array
    search_value: Array
    to_come: Array
    policy_weight: Array
    value_weight: Array
    reply_target: Array | None = None
    reply_weight: Array | None = None
    final: Any = None
    potential: Array | None = None


def new_replay(example: Trajectory, rows: int) -> Replay:
    """An empty ring of `rows` rows for moves like `example` (leaves `(T, B, ...)`, arrays or shapes)."""
    batch, values = example.value.shape[1:]

    def ring(leaf: Any, dtype: Any = None) -> Array:
        return jnp.zeros((rows, *leaf.shape[1:]), dtype or leaf.dtype)

    return Replay(
        state=jax.tree.map(ring, example.state),
        policy_target=ring(example.policy_target, jnp.float16),
        search_value=ring(example.value),
        earned=ring(example.value),
        game=jnp.zeros((rows, batch), jnp.int32),
        policy_weight=ring(example.policy_weight),
        value_weight=ring(example.value_weight),
        returns=ring(example.value),
        finished=jnp.full((rows, batch), -1, jnp.int32),
        final=jax.tree.map(ring, example.final),
        potential=jax.tree.map(ring, example.potential),
        current_game=jnp.zeros((batch,), jnp.int32),
        current_earned=jnp.zeros((batch, values), jnp.float32),
        row=jnp.int32(0),
        filled=jnp.int32(0),
    )


def insert(replay: Replay, moves: Trajectory) -> Replay:
    """Write T plies of all matches over the oldest rows.

    Raises:
        ValueError: R is not a multiple of T.
    """
    rows, plies = replay.game.shape[0], moves.player.shape[0]
    if rows % plies:
        raise ValueError(f"a ring of {rows} rows is not a multiple of the {plies} plies to write")
    ended = moves.terminated | moves.truncated

    def follow(carry: tuple[Array, Array], ply: tuple[Array, Array]) -> tuple[Any, Any]:
        game, earned = carry
        reward, end = ply
        after = earned + reward
        return (game + end, jnp.where(end[:, None], 0.0, after)), (game, earned, after)

    start = (replay.current_game, replay.current_earned)
    (game_now, earned_now), (game, earned, after) = jax.lax.scan(follow, start, (moves.rewards, ended))
    final = jnp.where(moves.truncated[..., None], earned + moves.value, after)
    replay = _write_ends(replay, game, final, moves.final, ended)

    def write(array: Array, chunk: Array) -> Array:
        return jax.lax.dynamic_update_slice_in_dim(array, chunk.astype(array.dtype), replay.row, axis=0)

    return replace(
        replay,
        state=jax.tree.map(write, replay.state, moves.state),
        policy_target=write(replay.policy_target, moves.policy_target),
        search_value=write(replay.search_value, moves.value),
        earned=write(replay.earned, earned),
        game=write(replay.game, game),
        policy_weight=write(replay.policy_weight, moves.policy_weight),
        value_weight=write(replay.value_weight, moves.value_weight),
        potential=jax.tree.map(write, replay.potential, moves.potential),
        current_game=game_now,
        current_earned=earned_now,
        row=(replay.row + plies) % rows,
        filled=jnp.minimum(replay.filled + plies, rows),
    )


def clear(replay: Replay) -> Replay:
    """The ring without its positions; games under way go on."""
    return replace(replay, finished=jnp.full_like(replay.finished, -1), row=jnp.int32(0), filled=jnp.int32(0))


def _write_ends(replay: Replay, game: Array, returns: Array, final: Any, ended: Array) -> Replay:
    """The tables with the games that ended in this chunk; `game`, `ended` `(T, B)`, `returns` `(T, B, V)`."""
    rows, batch = replay.game.shape
    row = jnp.where(ended, game % rows, rows)
    column = jnp.broadcast_to(jnp.arange(batch), row.shape)

    def write(table: Array, chunk: Array) -> Array:
        return table.at[row, column].set(chunk, mode="drop")

    return replace(
        replay,
        returns=write(replay.returns, returns),
        finished=write(replay.finished, game),
        final=jax.tree.map(write, replay.final, final),
    )


def sample(replay: Replay, key: Array, size: int, *, replies: bool = False, candidates: int = 1) -> Samples:
    """`size` positions, uniformly, with replacement. Nothing sensible while the ring is empty.

    Args:
        replay: what to draw from.
        key: consumed.
        size: N.
        replies: whether samples tell the policy target of the next position.
        candidates: so many times N positions are looked at, and of these the first N that have a weight
            are taken, as long as there are any: for rings in which many positions are not to be learned.
    """
    rows = replay.game.shape[0]
    row, column = _places(replay, key, size * candidates)
    if candidates > 1:
        weight = replay.policy_weight[row, column] + replay.value_weight[row, column]
        first = jnp.argsort(weight <= 0.0, stable=True)[:size]
        row, column = row[first], column[first]

    def pick(array: Array) -> Array:
        return array[row, column]

    game = pick(replay.game)
    ended = replay.finished[game % rows, column] == game
    to_come = replay.returns[game % rows, column] - pick(replay.earned)
    samples = Samples(
        state=jax.tree.map(pick, replay.state),
        policy_target=pick(replay.policy_target).astype(jnp.float32),
        search_value=pick(replay.search_value),
        to_come=jnp.where(ended[:, None], to_come, 0.0),
        policy_weight=pick(replay.policy_weight),
        value_weight=jnp.where(ended, pick(replay.value_weight), 0.0),
        final=jax.tree.map(lambda table: table[game % rows, column], replay.final),
        potential=jax.tree.map(pick, replay.potential),
    )
    return _with_replies(replay, samples, row, column) if replies else samples


def _places(replay: Replay, key: Array, number: int) -> tuple[Array, Array]:
    """`(number,)` rows and columns of the ring."""
    key_row, key_column = jax.random.split(key)
    row = jax.random.randint(key_row, (number,), 0, jnp.maximum(replay.filled, 1))
    return row, jax.random.randint(key_column, (number,), 0, replay.game.shape[1])


def _with_replies(replay: Replay, samples: Samples, row: Array, column: Array) -> Samples:
    """Samples of `row`, `column` `(N,)` with what was to be played next, where that is in the ring.

    What teaches no value teaches no reply: in lanes, such a row may repeat the position of the next one.
    """
    after = (row + 1) % replay.game.shape[0]
    known = (replay.game[after, column] == replay.game[row, column]) & (after != replay.row)
    known &= replay.value_weight[row, column] > 0.0
    return samples._replace(
        reply_target=replay.policy_target[after, column].astype(jnp.float32),
        reply_weight=jnp.where(known, replay.policy_weight[after, column], 0.0),
    )
