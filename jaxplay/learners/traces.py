"""Value targets of many lengths: what searches thought of the positions that followed, and the outcome.

Sutton and Barto 2018, section 12.1 (the lambda-return). With v the search's value of a position and r what
its move earned,

    G[t] = (1 - lambda) v[t] + lambda (r[t] + G[t + 1]),   G = 0 behind the last move.

Unlike theirs it begins with the position's own value, because a search knows more than the network that is
to learn it. Where a game still goes on, G is v at its newest position: it is learned from before it ends.
"""

import math

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.replay import Replay
from jaxplay.struct import replace

NEGLIGIBLE = 0.01
"""Weight of what follows a position, below which its target is left as it is."""


def horizon(trace_decay: float) -> int:
    """Plies after which a target does not change any more; at least 1.

    Args:
        trace_decay: lambda, 0 to below 1.
    """
    return 1 if trace_decay <= NEGLIGIBLE else math.ceil(math.log(NEGLIGIBLE) / math.log(trace_decay))


def settle(replay: Replay, trace_decay: float, plies: int) -> Replay:
    """The ring with the targets of its newest rows, and of `horizon` rows before them, as they stand now.

    Rows that teach no value, as their match waited or their mover's opponent is modelled, pass on what
    follows them.

    Args:
        replay: a ring with `target`, after an insertion.
        trace_decay: lambda, 0 to below 1.
        plies: rows that were inserted.
    """
    assert replay.target is not None
    rows = replay.game.shape[1]
    newest = (replay.row[0] - 1 - jnp.arange(min(plies + horizon(trace_decay), rows))) % rows
    nothing = jnp.full_like(replay.current_game, -1)
    start = (nothing, nothing >= 0, jnp.zeros_like(replay.current_return))

    def back(later: tuple[Array, Array, Array], row: Array) -> tuple[tuple[Array, Array, Array], Array]:
        game, known, target = _target(replay, trace_decay, row, *later)
        return (game, known, target), target

    _, targets = jax.lax.scan(back, start, newest)
    settled = replay.target.at[:, newest].set(jnp.moveaxis(targets, 0, 1))
    return replace(replay, target=settled)


def _target(
    replay: Replay, trace_decay: float, row: Array, later_game: Array, later_known: Array, later: Array
) -> tuple[Array, Array, Array]:
    """A row's games `(S, B)`, whether anything is known of their ends `(S, B)`, and targets `(S, B, V)`.

    Args:
        replay: that holds the row.
        trace_decay: lambda.
        row: `()` int32.
        later_game: of the row behind it, as returned for that, and so the next two.
        later_known: whether its target says anything.
        later: its target.
    """
    game, teaches = replay.game[:, row], replay.value_weight[:, row] > 0.0
    place = (game % replay.game.shape[1])[:, None]
    over = jnp.take_along_axis(replay.finished, place, axis=1)[:, 0] == game
    final = jnp.take_along_axis(replay.returns, place[..., None], axis=1)[:, 0]
    follows = game == later_game
    behind = jnp.where(follows[..., None], later, final)
    known = jnp.where(follows, later_known, over)
    own = replay.return_so_far[:, row] + replay.value[:, row]
    weight = jnp.where(teaches, trace_decay, 1.0) * known
    target = (1.0 - weight[..., None]) * own + weight[..., None] * behind
    return game, known | teaches, target
