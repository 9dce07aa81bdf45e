"""Plain self-play: one learner and the matches it plays with itself."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.selfplay import Match, summary
from jaxplay.shards import Shards
from jaxplay.training.parts import make_game, make_learner, make_network, make_selfplay
from jaxplay.training.state import Metrics, Training, TrainState


def plain_training(config: TrainingConfig, shards: Shards | None = None) -> Training:
    """Training of one learner by its own games; see `jaxplay.training.make_training`."""
    game = make_game(config)
    if not game.perfect_information:
        raise UserError(f"{config.game} has hidden information; tree search cannot learn it")
    shards = shards or Shards(config.num_shards)
    network = make_network(config.network, game)
    player = make_selfplay(config, game, network, shards)
    learner = make_learner(config, game, network, shards)

    def init(key: Array) -> TrainState:
        key_match, key_learner, key_run = jax.random.split(key, 3)
        matches = jax.vmap(player.init)(shards.keys(key_match))
        params = jax.eval_shape(network.init, key_learner)
        one = jax.eval_shape(lambda m: jax.tree.map(lambda x: x[0], m), matches)
        _, example, _ = jax.eval_shape(player.play, params, one, key_match)
        state = learner.init(key_learner, example)
        return TrainState((state,), (matches,), None, key_run, jnp.int32(0))

    def step(state: TrainState) -> tuple[TrainState, Metrics]:
        key_play, key_learn = jax.random.split(jax.random.fold_in(state.key, state.step))
        (learner_state,), (matches,) = state.learners, state.matches
        assert isinstance(matches, Match)
        matches, moves, played = shards.map(
            lambda match, key: player.play(learner_state.ema, match, key), matches, shards.keys(key_play)
        )
        learner_state, learned = learner.update(learner_state, moves, key_learn)
        metrics = summary(shards.sum(played)) | learned
        metrics["updates"] = learner_state.updates.astype(jnp.float32)
        return TrainState((learner_state,), (matches,), None, state.key, state.step + 1), metrics

    return Training(init, step)
