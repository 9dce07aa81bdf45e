"""A modelled opponent: its moves follow a given evaluation, so that a tree holds the searcher's nodes only.

An exploiter that knows whom it plays need not search what the other might do: one evaluation of the
opponent's own network tells what it will do.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import CHANCE, Game
from jaxplay.search._priors import legal_logits, read_prediction
from jaxplay.search._signal import Signal
from jaxplay.struct import replace


class Opponent(NamedTuple):
    """Whom a search plays against.

    A search with an opponent takes `SearchParams`. Whoever is to move at the root is the searcher.

    Attributes:
        evaluate: the opponent's evaluator; asked once for each of its moves.
        sample: whether it draws its moves from its policy, or takes the likeliest. A drawn reply is drawn
            once for each edge of the tree.
        signal: how its estimates guide the searcher; None: not at all.
    """

    evaluate: Evaluate
    sample: bool = False
    signal: Signal | None = None


class SearchParams(NamedTuple):
    """The parameters of a search that models its opponent. All of them may be traced.

    Attributes:
        own: parameters of the searcher's evaluator.
        opponent: parameters of the opponent's evaluator.
        signal_weight: `()` float32, the weight w of the opponent's `Signal`; not read without one.
    """

    own: Params = None
    opponent: Params = None
    signal_weight: Array | float | None = None


def check_params(opponent: Opponent | None, params: Params) -> None:
    """Refuse parameters that do not fit a search with this opponent; without one, all do.

    Raises:
        UserError: `params` is no `SearchParams`, or lacks the weight that the opponent's signal needs.
    """
    if opponent is None:
        return
    if not isinstance(params, SearchParams):
        kind = type(params).__name__
        raise UserError(f"params is a {kind}; allowed in a search that models its opponent: SearchParams")
    if opponent.signal is not None and params.signal_weight is None:
        raise UserError("params.signal_weight is None; allowed in a search with a signal: a number")


class Reply(NamedTuple):
    """Positions `(K, ...)` in which the searcher is to move, chance is, or the game is over.

    Attributes:
        states: with the rewards of all moves of the reply.
        value: `(K,)` float32, the opponent's value of its first position, for itself, scaled; it says
            nothing where it had no move.
        replied: `(K,)` bool, whether it had one.
        finite: `(K,)` bool, whether all its logits and values on the way were finite.
    """

    states: Any
    value: Array
    replied: Array
    finite: Array


def respond(
    game: Game[Any], opponent: Opponent, params: Params, key: Array, states: Any, searcher: Array
) -> Reply:
    """Let the opponent of `searcher` `(K,)` move until it is its turn no more."""

    def awaited(states: Any) -> Array:
        player = states.current_player
        return (player != searcher) & (player != CHANCE) & ~states.terminated

    def more(carry: tuple[Reply, Array]) -> Array:
        return awaited(carry[0].states).any()

    def move(carry: tuple[Reply, Array]) -> tuple[Reply, Array]:
        reply, ply = carry
        states, moves = reply.states, awaited(reply.states)
        key_evaluate, key_draw = jax.random.split(jax.random.fold_in(key, ply))
        prediction = opponent.evaluate(params, key_evaluate, states)
        legal = states.legal_action_mask[:, : game.num_actions]
        said, logits = read_prediction(prediction, legal), legal_logits(prediction, legal)
        draw = jax.random.categorical(key_draw, logits) if opponent.sample else jnp.argmax(logits, axis=-1)
        after = jax.vmap(game.step)(states, draw.astype(jnp.int32))
        after = replace(after, rewards=after.rewards + states.rewards)
        after = Reply(
            states=_where(moves, after, states),
            value=jnp.where(moves & (ply == 0), said.value, reply.value),
            replied=reply.replied,
            finite=reply.finite & (said.sound | ~moves),
        )
        return after, ply + 1

    nothing, replied = jnp.zeros(searcher.shape, jnp.float32), awaited(states)
    first = Reply(states, nothing, replied, jnp.ones_like(replied))
    return jax.lax.while_loop(more, move, (first, jnp.int32(0)))[0]


def _where(condition: Array, yes: Any, no: Any) -> Any:
    """Element by element of a batch, from trees of small states."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(condition.reshape(-1, *[1] * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, yes, no)
