"""The whole program as one step: self-play, replay and learning, composed and nothing else."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay import networks, search
from jaxplay.config import (
    AlphaZeroConfig,
    GumbelConfig,
    MLPConfig,
    PUCTConfig,
    ResNetConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Network, sizes
from jaxplay.game import Game, make
from jaxplay.learners import Learner, LearnerState, alphazero
from jaxplay.selfplay import Match, SelfPlay, Temperature, selfplay, summary
from jaxplay.shards import ONE_SHARD, Shards
from jaxplay.struct import pytree

Metrics = dict[str, Array]


@pytree
class TrainState:
    """Everything that a run is.

    Attributes:
        learners: one state per learner.
        matches: one per learner, with a leading axis of shards.
        league: None in plain self-play.
        key: typed key; that of a step is `fold_in(key, step)`.
        step: `()` int32, steps done.
    """

    learners: tuple[LearnerState, ...]
    matches: tuple[Match, ...]
    league: Any
    key: Array
    step: Array


class Training(NamedTuple):
    """`init: key -> TrainState`, `step: TrainState -> (TrainState, Metrics)`; both pure."""

    init: Callable[[Array], TrainState]
    step: Callable[[TrainState], tuple[TrainState, Metrics]]


def make_game(config: TrainingConfig) -> Game[Any]:
    """The game that a configuration names."""
    return make(config.game, **dict(config.game_options))


def make_network(config: MLPConfig | ResNetConfig, game: Game[Any]) -> Network:
    """The network that a configuration describes, of the sizes that `game` needs."""
    if isinstance(config, MLPConfig):
        return networks.mlp(sizes(game), width=config.width, depth=config.depth, value_head=config.value_head)
    return networks.resnet(
        sizes(game),
        channels=config.channels,
        depth=config.depth,
        value_head=config.value_head,
        bfloat16=config.bfloat16,
    )


def make_search(
    config: PUCTConfig | GumbelConfig,
    game: Game[Any],
    evaluate: Evaluate,
    *,
    num_simulations: int | None = None,
    noise: bool = True,
) -> search.Search:
    """The search that a configuration describes; without noise it plays greedily."""
    simulations = num_simulations or config.num_simulations
    if isinstance(config, GumbelConfig):
        return search.gumbel(
            game,
            evaluate,
            simulations,
            max_considered=config.max_considered,
            noise=1.0 if noise else 0.0,
            c_visit=config.c_visit,
            c_scale=config.c_scale,
            rescale=config.rescale,
            prove=config.prove,
        )
    return search.puct(
        game,
        evaluate,
        simulations,
        c_init=config.c_init,
        c_base=config.c_base,
        fpu_reduction=config.fpu_reduction,
        dirichlet_fraction=config.dirichlet_fraction if noise else 0.0,
        dirichlet_concentration=config.dirichlet_concentration,
        prove=config.prove,
    )


def make_optimizer(config: AlphaZeroConfig) -> optax.GradientTransformation:
    """AdamW behind a clip of the global norm; the rate depends on the gradient step alone."""
    rate = config.learning_rate
    warmup = optax.linear_schedule(0.0, rate, config.warmup_steps)
    after = optax.constant_schedule(rate)
    if config.schedule == "cosine":
        steps = max(config.schedule_steps - config.warmup_steps, 1)
        after = optax.cosine_decay_schedule(rate, steps, alpha=0.1)
    schedule = optax.join_schedules([warmup, after], [config.warmup_steps])
    return optax.chain(
        optax.clip_by_global_norm(config.clip_norm), optax.adamw(schedule, weight_decay=config.weight_decay)
    )


def make_selfplay(
    config: TrainingConfig, game: Game[Any], network: Network, shards: Shards = ONE_SHARD
) -> SelfPlay:
    """The self-play of one shard that a configuration describes."""
    play = config.selfplay
    return selfplay(
        game,
        make_search(config.search, game, network.on(game)),
        num_matches=play.num_matches // shards.count,
        num_plies=play.num_plies,
        temperature=Temperature(play.temperature_early, play.temperature_late, play.temperature_plies),
        max_opening_plies=play.max_opening_plies,
    )


def _make_learner(config: TrainingConfig, game: Game[Any], network: Network, shards: Shards) -> Learner:
    learner, plies, matches = config.learner, config.selfplay.num_plies, config.selfplay.num_matches
    rows = max(learner.replay_positions // matches // plies, 1) * plies
    return alphazero(
        game,
        network,
        make_optimizer(learner),
        replay_rows=rows,
        min_rows=min(-(-learner.min_positions // matches), rows),
        batch_size=learner.batch_size,
        num_updates=learner.num_updates,
        value_mix=learner.value_mix,
        value_weight=learner.value_weight,
        augment=learner.augment,
        ema_decay=learner.ema_decay,
        shards=shards,
    )


def make_training(config: TrainingConfig, shards: Shards | None = None) -> Training:
    """Compose the parts that `config` names.

    Args:
        config: what to train, and how.
        shards: how shards lie on devices; None: all on one.

    Raises:
        UserError: the game is one that tree search cannot learn (hidden information).
    """
    game = make_game(config)
    if not game.perfect_information:
        raise UserError(f"{config.game} has hidden information; tree search cannot learn it")
    shards = shards or Shards(config.num_shards)
    network = make_network(config.network, game)
    player = make_selfplay(config, game, network, shards)
    learner = _make_learner(config, game, network, shards)

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
        matches, moves, played = shards.map(
            lambda match, key: player.play(learner_state.ema, match, key), matches, shards.keys(key_play)
        )
        learner_state, learned = learner.update(learner_state, moves, key_learn)
        metrics = summary(shards.sum(played)) | learned
        metrics["updates"] = learner_state.updates.astype(jnp.float32)
        return TrainState((learner_state,), (matches,), None, state.key, state.step + 1), metrics

    return Training(init, step)


def compile_step(training: Training) -> jax.stages.Wrapped:
    """The one jit of the step. Its argument is donated: use the state that it returns."""
    return jax.jit(training.step, donate_argnums=0)
