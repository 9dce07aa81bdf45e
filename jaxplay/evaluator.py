"""What values positions: `Prediction`, `Evaluate`, and networks adapted to states."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, random_action, resolve_chance, scalar_value
from jaxplay.perspective import frame_of_rewards, view_of_frame

Params = Any


class Prediction(NamedTuple):
    """What an evaluator says of positions in which a player is to move.

    Attributes:
        logits: `(..., A)` float32, unnormalized log-probabilities of actions; illegal ones are ignored.
        value: `(...)` float32 in [-1, 1], the rest of the game for the player to move, divided by
            `value_scale(game)`. In games that one number does not value (`scalar_value`):
            `(..., P)`, in order of turn from the player to move.
        outcome: `(..., 3)` float32 logits of loss, draw, win for the player to move, or None.
        reply: `(..., A)` float32 logits of the next decision of the game, or None. Networks that predict
            this and what follows learn better features; nobody needs them to play.
        ownership: `(..., ownership_size)` float32 logits that the player to move will hold each point at the
            end (`jaxplay.game.Scored`), or None.
        score: `(...)` float32, by how much the player to move will be ahead at the end, divided by
            `max_score`, or None.
    """

    logits: Array
    value: Array
    outcome: Array | None = None
    reply: Array | None = None
    ownership: Array | None = None
    score: Array | None = None


class Evaluate(Protocol):
    """Values a batch of states. It is never asked about chance nodes or terminal states' meaning."""

    def __call__(self, params: Params, key: Array, states: Any) -> Prediction:
        """`states` have a leading batch axis, and so has the prediction."""
        ...


class Network(NamedTuple):
    """Pure functions.

    Attributes:
        init: `key -> params`, any tree of arrays; of `jaxplay.networks` plain nested dicts.
        apply: `params, observation -> Prediction`.
        of_batch: the same of a batch of observations; None: `apply` of each.
    """

    init: Callable[[Array], Params]
    apply: Callable[[Params, Array], Prediction]
    of_batch: Callable[[Params, Array], Prediction] | None = None

    def predict(self, params: Params, observations: Array) -> Prediction:
        """Observations `(N, ...)` to predictions with leaves `(N, ...)`."""
        if self.of_batch is not None:
            return self.of_batch(params, observations)
        return jax.vmap(self.apply, (None, 0))(params, observations)

    def on(self, game: Game[Any]) -> Evaluate:
        """The network as an evaluator of `game`'s states."""

        def evaluate(params: Params, key: Array, states: Any) -> Prediction:
            return self.predict(params, jax.vmap(game.observe)(states))

        return evaluate


class NetworkSizes(NamedTuple):
    """What a network must fit.

    Attributes:
        observation: shape of an observation.
        num_actions: A.
        num_values: of the value head; 0: one number, without an axis.
        ownership_size: of the game's ownership (`jaxplay.game.Scored`); 0: it has none.
        has_score: whether the game has a score.
    """

    observation: tuple[int, ...]
    num_actions: int
    num_values: int
    ownership_size: int = 0
    has_score: bool = False


def sizes(game: Game[Any]) -> NetworkSizes:
    """What a network for `game` must fit; no device is touched."""
    state = jax.eval_shape(game.init, jax.eval_shape(jax.random.key, 0))
    observation = jax.eval_shape(game.observe, state)
    values = 0 if scalar_value(game) else game.num_players
    return NetworkSizes(
        observation.shape,
        game.num_actions,
        values,
        ownership_size=getattr(game, "ownership_size", 0),
        has_score=getattr(game, "max_score", 0.0) > 0.0,
    )


def uniform(game: Game[Any]) -> Evaluate:
    """An evaluator that knows nothing: equal priors, value zero."""

    def evaluate(params: Params, key: Array, states: Any) -> Prediction:
        batch = states.current_player.shape
        view = () if scalar_value(game) else (game.num_players,)
        logits = jnp.zeros((*batch, game.num_actions), jnp.float32)
        return Prediction(logits, jnp.zeros((*batch, *view), jnp.float32))

    return evaluate


def rollout(game: Game[Any], num_rollouts: int = 1) -> Evaluate:
    """An evaluator by random play: equal priors, the mean return of `num_rollouts` random games.

    Games longer than `max_plies` from the position count what was earned until then.
    """

    def one_game(key: Array, state: Any) -> Array:
        def playing(carry: tuple[Any, Array, Array]) -> Array:
            state, _, plies = carry
            return ~state.terminated & (plies < game.max_plies)

        def play(carry: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
            state, returns, plies = carry
            key_action, key_chance = jax.random.split(jax.random.fold_in(key, plies))
            state = game.step(state, random_action(state.legal_action_mask, key_action))
            state = resolve_chance(game, state, key_chance)
            return state, returns + state.rewards, plies + 1

        returns = jnp.zeros((game.num_players,), jnp.float32)
        return jax.lax.while_loop(playing, play, (state, returns, jnp.int32(0)))[1]

    def value(key: Array, state: Any) -> Array:
        returns = jax.vmap(one_game, (0, None))(jax.random.split(key, num_rollouts), state)
        frame = frame_of_rewards(game, returns.mean(0))
        return view_of_frame(game, frame, state.current_player)

    def evaluate(params: Params, key: Array, states: Any) -> Prediction:
        batch = states.current_player.shape[0]
        values = jax.vmap(value)(jax.random.split(key, batch), states)
        return Prediction(jnp.zeros((batch, game.num_actions), jnp.float32), values)

    return evaluate
