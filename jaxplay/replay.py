"""An on-device ring of positions, whose outcomes arrive when their games end.

Rows are plies and columns are matches, so that a chunk of self-play is one contiguous write. A position
keeps the number of its game; a table by game number, as long as the ring, holds the returns of finished
games. So a finished game is one write, however long it was, and positions of unfinished games are known.

A leading axis of shards stays on all arrays, in reads and writes alike: XLA overwrites a ring in place if it
is written and read as it lies, and copies it where one shard is cut out, written and put back
(`docs/decisions/0018`).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.rollout import Trajectory
from jaxplay.struct import pytree, replace


@pytree
class Replay:
    """S shards of R rows of B matches. V numbers a value, fixed frame.

    Attributes:
        state: positions, leaves `(S, R, B, ...)`, stripped.
        legal_actions: `(S, R, B, ceil(A / 8))` uint8, bits of what might have been played.
        policy_target: `(S, R, B, A)` float16.
        value: `(S, R, B, V)` float32, what the policy thought of the position.
        return_so_far: `(S, R, B, V)` float32, rewards of the game before the position.
        game: `(S, R, B)` int32, the number of the match's game.
        policy_weight: `(S, R, B)` float32.
        value_weight: `(S, R, B)` float32.
        returns: `(S, R, B, V)` float32, sums of rewards of game `g` at row `g % R`.
        finished: `(S, R, B)` int32, the number of the game that `returns` is of.
        final: the last states of finished games, stripped, at the row of their `returns`, leaves
            `(S, R, B, ...)`; not terminal where a game was cut or given up. None if moves have none.
        potential: `(S, R, B, V)` float32; None if moves have none.
        current_game: `(S, B)` int32, the number of the game being played.
        current_return: `(S, B, V)` float32, its rewards so far.
        row: `(S,)` int32, the next row to write, the same in all shards.
        filled: `(S,)` int32, rows that hold positions, as many in all shards.
    """

    state: Any
    legal_actions: Array
    policy_target: Array
    value: Array
    return_so_far: Array
    game: Array
    policy_weight: Array
    value_weight: Array
    returns: Array
    finished: Array
    final: Any
    potential: Array | None
    current_game: Array
    current_return: Array
    row: Array
    filled: Array


class Samples(NamedTuple):
    """N positions with targets.

    Attributes:
        state: stripped, leaves `(N, ...)`.
        legal_action_mask: `(N, A)` bool.
        policy_target: `(N, A)` float32.
        value: `(N, V)` float32, what the policy thought of the position, fixed frame.
        return_to_go: `(N, V)` float32, rewards from the position to the end of its game, fixed frame.
        policy_weight: `(N,)` float32.
        value_weight: `(N,)` float32; 0 where the game has not ended.
        reply_target: `(N, A)` float32, the policy target of the game's next position; None if not asked for.
        reply_weight: `(N,)` float32, of that target; 0 where there is none. None as before.
        final: stripped, leaves `(N, ...)`, the state in which the game ended; None if moves have none.
        potential: `(N, V)` float32; None if moves have none.
    """

    state: Any
    legal_action_mask: Array
    policy_target: Array
    value: Array
    return_to_go: Array
    policy_weight: Array
    value_weight: Array
    reply_target: Array | None = None
    reply_weight: Array | None = None
    final: Any = None
    potential: Array | None = None


def new_replay(example: Trajectory, rows: int, shards: int = 1) -> Replay:
    """An empty ring of `rows` rows for each shard.

    Args:
        example: moves of one shard, leaves `(T, B, ...)`, arrays or shapes.
        rows: R.
        shards: S, those on this device.
    """
    (batch, values), num_actions = example.value.shape[1:], example.policy_target.shape[-1]

    def ring(leaf: Any, dtype: Any = None) -> Array:
        return jnp.zeros((shards, rows, *leaf.shape[1:]), dtype or leaf.dtype)

    return Replay(
        state=jax.tree.map(ring, example.state),
        legal_actions=jnp.zeros((shards, rows, batch, -(-num_actions // 8)), jnp.uint8),
        policy_target=ring(example.policy_target, jnp.float16),
        value=ring(example.value),
        return_so_far=ring(example.value),
        game=jnp.zeros((shards, rows, batch), jnp.int32),
        policy_weight=ring(example.policy_weight),
        value_weight=ring(example.value_weight),
        returns=ring(example.value),
        finished=jnp.full((shards, rows, batch), -1, jnp.int32),
        final=jax.tree.map(ring, example.final),
        potential=jax.tree.map(ring, example.potential),
        current_game=jnp.zeros((shards, batch), jnp.int32),
        current_return=jnp.zeros((shards, batch, values), jnp.float32),
        row=jnp.zeros((shards,), jnp.int32),
        filled=jnp.zeros((shards,), jnp.int32),
    )


def insert(replay: Replay, made: Trajectory) -> Replay:
    """Write T plies of all matches of all shards, leaves `(S, T, B, ...)`, over the oldest rows.

    Raises:
        ValueError: R is not a multiple of T.
    """
    rows, plies = replay.game.shape[1], made.player.shape[1]
    if rows % plies:
        raise ValueError(f"a ring of {rows} rows is not a multiple of the {plies} plies to write")
    ended = made.ended
    follow = jax.vmap(_follow_games)(replay.current_game, replay.current_return, made.rewards, ended)
    (game_now, return_now), (game, before, after) = follow
    final = jnp.where(made.truncated[..., None], before + made.value, after)
    replay = _write_ends(replay, game, final, made.final, ended)

    def write(array: Array, chunk: Array) -> Array:
        return jax.lax.dynamic_update_slice_in_dim(array, chunk.astype(array.dtype), replay.row[0], axis=1)

    return replace(
        replay,
        state=jax.tree.map(write, replay.state, made.state),
        legal_actions=write(replay.legal_actions, jnp.packbits(made.legal_action_mask, axis=-1)),
        policy_target=write(replay.policy_target, made.policy_target),
        value=write(replay.value, made.value),
        return_so_far=write(replay.return_so_far, before),
        game=write(replay.game, game),
        policy_weight=write(replay.policy_weight, made.policy_weight),
        value_weight=write(replay.value_weight, made.value_weight),
        potential=jax.tree.map(write, replay.potential, made.potential),
        current_game=game_now,
        current_return=return_now,
        row=(replay.row + plies) % rows,
        filled=jnp.minimum(replay.filled + plies, rows),
    )


def _follow_games(game: Array, so_far: Array, rewards: Array, ended: Array) -> tuple[Any, Any]:
    """The games of a shard's moves, `rewards` `(T, B, V)` and `ended` `(T, B)`, from `(B,)` and `(B, V)` on.

    Returns:
        `game, so_far` after the moves, and `game, before, after` of each: its game's number, and the rewards
        of that game before it and with it.
    """

    def follow(carry: tuple[Array, Array], ply: tuple[Array, Array]) -> tuple[Any, Any]:
        game, before = carry
        reward, end = ply
        after = before + reward
        return (game + end, jnp.where(end[:, None], 0.0, after)), (game, before, after)

    return jax.lax.scan(follow, (game, so_far), (rewards, ended))


def clear(replay: Replay) -> Replay:
    """The ring without its positions; games under way go on."""
    zero = jnp.zeros_like(replay.row)
    return replace(replay, finished=jnp.full_like(replay.finished, -1), row=zero, filled=zero)


def _write_ends(replay: Replay, game: Array, returns: Array, final: Any, ended: Array) -> Replay:
    """The tables with the games that ended now; `game`, `ended` `(S, T, B)`, `returns` `(S, T, B, V)`."""
    shards, rows, batch = replay.game.shape
    row = jnp.where(ended, game % rows, rows)
    shard = jnp.broadcast_to(jnp.arange(shards)[:, None, None], row.shape)
    column = jnp.broadcast_to(jnp.arange(batch), row.shape)

    def write(table: Array, chunk: Array) -> Array:
        return table.at[shard, row, column].set(chunk, mode="drop")

    return replace(
        replay,
        returns=write(replay.returns, returns),
        finished=write(replay.finished, game),
        final=jax.tree.map(write, replay.final, final),
    )


def sample(
    replay: Replay, shard: Array | int, key: Array, size: int, *, replies: bool = False, candidates: int = 1
) -> Samples:
    """`size` positions of a shard, uniformly, with replacement. Nothing sensible while the ring is empty.

    Args:
        replay: what to sample from.
        shard: `()` int32.
        key: consumed.
        size: N.
        replies: whether samples tell the policy target of the next position.
        candidates: so many times N positions are looked at, and of these the first N that have a weight
            are taken, as long as there are any: for rings in which many positions are not to be learned.
    """
    rows = replay.game.shape[1]
    row, column = _places(replay, shard, key, size * candidates)
    if candidates > 1:
        weight = replay.policy_weight[shard, row, column] + replay.value_weight[shard, row, column]
        first = jnp.argsort(weight <= 0.0, stable=True)[:size]
        row, column = row[first], column[first]

    def pick(array: Array) -> Array:
        return array[shard, row, column]

    game = pick(replay.game)
    ended = replay.finished[shard, game % rows, column] == game
    return_to_go = replay.returns[shard, game % rows, column] - pick(replay.return_so_far)
    target = pick(replay.policy_target).astype(jnp.float32)
    samples = Samples(
        state=jax.tree.map(pick, replay.state),
        legal_action_mask=unpack(pick(replay.legal_actions), target.shape[-1]),
        policy_target=target,
        value=pick(replay.value),
        return_to_go=jnp.where(ended[:, None], return_to_go, 0.0),
        policy_weight=pick(replay.policy_weight),
        value_weight=jnp.where(ended, pick(replay.value_weight), 0.0),
        final=jax.tree.map(lambda table: table[shard, game % rows, column], replay.final),
        potential=jax.tree.map(pick, replay.potential),
    )
    return _with_replies(replay, samples, shard, row, column) if replies else samples


def unpack(legal_actions: Array, num_actions: int) -> Array:
    """`(..., A)` bool: the mask of `Replay.legal_actions` `(..., ceil(A / 8))`."""
    return jnp.unpackbits(legal_actions, axis=-1, count=num_actions).astype(bool)


def _places(replay: Replay, shard: Array | int, key: Array, number: int) -> tuple[Array, Array]:
    """`(number,)` rows and columns of a shard's ring."""
    key_row, key_column = jax.random.split(key)
    row = jax.random.randint(key_row, (number,), 0, jnp.maximum(replay.filled[shard], 1))
    return row, jax.random.randint(key_column, (number,), 0, replay.game.shape[2])


def _with_replies(replay: Replay, samples: Samples, shard: Array | int, row: Array, column: Array) -> Samples:
    """Samples of `row`, `column` `(N,)` with what was to be played next, where that is in the ring.

    What teaches no value teaches no reply: in lanes, such a row may repeat the position of the next one.
    """
    after = (row + 1) % replay.game.shape[1]
    known = replay.game[shard, after, column] == replay.game[shard, row, column]
    known &= (after != replay.row[shard]) & (replay.value_weight[shard, row, column] > 0.0)
    return samples._replace(
        reply_target=replay.policy_target[shard, after, column].astype(jnp.float32),
        reply_weight=jnp.where(known, replay.policy_weight[shard, after, column], 0.0),
    )
