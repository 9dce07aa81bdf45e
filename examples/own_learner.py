"""A learner of one's own: REINFORCE (Williams 1992), which learns from its own games and does not search.

Run: python examples/own_learner.py
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import optax
from jax import Array

import jaxplay
from jaxplay.config import LearnerConfig
from jaxplay.learners import Learner, LearnerState, Setting, build_learner
from jaxplay.learners.positions import unstrip
from jaxplay.networks import build_network
from jaxplay.perspective import view_of_frame
from jaxplay.policies import as_act, from_evaluate
from jaxplay.presets import preset
from jaxplay.rollout import Trajectory


@dataclass(frozen=True)
class ReinforceConfig(LearnerConfig):
    """REINFORCE on games that are not cut into several steps of training, in one shard.

    Attributes:
        learning_rate: Step size of Adam.
    """

    kind: ClassVar[str] = "example_reinforce"
    learning_rate: float = 3e-3


@build_learner.register
def reinforce(config: ReinforceConfig, setting: Setting) -> Learner:
    """How it plays, how it begins, how it learns, and how it begins again in a league."""
    game, network, optimizer = setting.game, setting.network, optax.adam(config.learning_rate)

    def loss(params: Any, made: Trajectory) -> Array:
        """The leading axes of a trajectory are shards, plies and matches."""
        predict = jax.vmap(jax.vmap(lambda state: network.apply(params, game.observe(state)).logits))
        logits = predict(unstrip(game, jax.tree.map(lambda leaf: leaf[0], made.state)))
        log_policy = jax.nn.log_softmax(jnp.where(made.legal_action_mask[0], logits, -1e9))
        log_prob = jnp.take_along_axis(log_policy, made.action[0][..., None], axis=-1)[..., 0]
        gain = view_of_frame(game, returns_to_go(made.rewards[0], made.ended[0]), made.player[0])
        return -(log_prob * gain * made.policy_weight[0]).mean()

    def update(state: LearnerState, made: Trajectory, key: Array) -> tuple[LearnerState, dict[str, Array]]:
        value, gradient = jax.value_and_grad(loss)(state.params, made)
        changes, moments = optimizer.update(gradient, state.opt_state, state.params)
        after = begin(optax.apply_updates(state.params, changes))
        state = replace(after, opt_state=moments, updates=state.updates + 1, began=state.began)
        return state, {"policy_loss": value}

    def begin(params: Any) -> LearnerState:
        return LearnerState(params, params, optimizer.init(params), None, jnp.int32(0), jnp.int32(0))

    return Learner(
        policy=lambda evaluate, **options: from_evaluate(game, evaluate),
        init=lambda key, example: begin(network.init(key)),
        update=update,
        restart=lambda state, params: begin(params),
    )


def returns_to_go(rewards: Array, ended: Array) -> Array:
    """`(T, M, V)`: the sum of `rewards` from each ply to the end of its game."""

    def back(later: Array, ply: tuple[Array, Array]) -> tuple[Array, Array]:
        total = ply[0] + jnp.where(ply[1][:, None], 0.0, later)
        return total, total

    return jax.lax.scan(back, jnp.zeros_like(rewards[0]), (rewards, ended), reverse=True)[1]


def main(num_steps: int = 200) -> None:
    """Learn tic-tac-toe from 64 games at a time, then play against random moves."""
    config = preset("tic_tac_toe", "quick").training
    selfplay = replace(config.selfplay, num_matches=64, num_plies=9, max_opening_plies=0)
    training = jaxplay.make_training(replace(config, learner=ReinforceConfig(), selfplay=selfplay))
    state = jax.jit(training.init)(jax.random.key(0))
    step = jaxplay.compile_step(training)
    for _ in range(num_steps):
        state, _ = step(state)
    game = jaxplay.make("tic_tac_toe")
    policy = from_evaluate(game, build_network(config.network, game).on(game))
    learned = jaxplay.arena.Player("learned", as_act(policy), state.learners[0].ema)
    rival = jaxplay.arena.random_player()
    match = jaxplay.arena.match(game, [learned, rival], num_games=200, key=jax.random.key(1))
    print(f"score against random moves: {match.score:.2f}")


if __name__ == "__main__":
    main()
