"""The parts that a configuration names: game, network, search, self-play, optimizer, learner."""

from typing import Any

import optax

from jaxplay import networks, search
from jaxplay.config import AlphaZeroConfig, GumbelConfig, MLPConfig, PUCTConfig, ResNetConfig, TrainingConfig
from jaxplay.evaluator import Evaluate, Network, sizes
from jaxplay.game import Game, make
from jaxplay.learners import Learner, Minimax, Reanalysis, Weights, alphazero
from jaxplay.selfplay import Cheap, Resignation, SelfPlay, Temperature, selfplay
from jaxplay.shards import ONE_SHARD, Shards


def make_game(config: TrainingConfig) -> Game[Any]:
    """The game that a configuration names."""
    return make(config.game, **dict(config.game_options))


def make_network(config: MLPConfig | ResNetConfig, game: Game[Any]) -> Network:
    """The network that a configuration describes, of the sizes that `game` needs.

    Raises:
        UserError: see `jaxplay.networks`.
    """
    auxiliary = networks.Auxiliary(reply=config.reply_head, endings=config.ending_heads)
    if isinstance(config, MLPConfig):
        return networks.mlp(
            sizes(game),
            width=config.width,
            depth=config.depth,
            value_head=config.value_head,
            auxiliary=auxiliary,
        )
    return networks.resnet(
        sizes(game),
        channels=config.channels,
        depth=config.depth,
        value_head=config.value_head,
        bfloat16=config.bfloat16,
        auxiliary=auxiliary,
    )


def make_search(
    config: PUCTConfig | GumbelConfig,
    game: Game[Any],
    evaluate: Evaluate,
    *,
    num_simulations: int | None = None,
    noise: bool = True,
    capacity: int = 0,
    opponent: search.Opponent | None = None,
) -> search.Search:
    """The search that a configuration describes.

    Args:
        config: of the search.
        game: that is searched.
        evaluate: values positions.
        num_simulations: None: as configured.
        noise: without it, nothing is explored, and play is greedy.
        capacity: of its trees; 0: for this one search.
        opponent: whose moves it does not search, see `jaxplay.search.Opponent`.
    """
    simulations = num_simulations or config.num_simulations
    tree = search.TreeOptions(prove=config.prove, bfloat16_priors=config.bfloat16_priors)
    if config.max_edges > 0:
        tree["max_edges"] = max(config.max_edges, game.num_chance_outcomes)
    if capacity > 0:
        tree["capacity"] = capacity
    if opponent is not None:
        tree["opponent"] = opponent
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
            parallel=config.parallel,
            **tree,
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
        root_temperature=config.root_temperature if noise else 1.0,
        forced_playouts=config.forced_playouts if noise else 0.0,
        leaves=config.leaves,
        **tree,
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
    """The self-play of one shard that a configuration describes. Raises like `selfplay`."""
    play, evaluate = config.selfplay, network.on(game)
    cheap, resignation, capacity = None, None, 0
    if play.keep_nodes > 0:
        most = max(config.search.num_simulations, play.cheap_simulations)
        leaves = config.search.leaves if isinstance(config.search, PUCTConfig) else 1
        capacity = play.keep_nodes + -(-most // leaves) * leaves
    if play.full_share < 1.0:
        least = play.cheap_simulations
        quick = make_search(
            config.search, game, evaluate, num_simulations=least, noise=False, capacity=capacity
        )
        cheap = Cheap(quick, play.full_share)
    if play.resign_value > -1.0:
        resignation = Resignation(play.resign_value, play.resign_moves, play.resign_control)
    return selfplay(
        game,
        make_search(config.search, game, evaluate, capacity=capacity),
        num_matches=play.num_matches // shards.count,
        num_plies=play.num_plies,
        temperature=Temperature(play.temperature_early, play.temperature_late, play.temperature_plies),
        max_opening_plies=play.max_opening_plies,
        cheap=cheap,
        keep_nodes=play.keep_nodes,
        resignation=resignation,
        surprise_share=play.surprise_share,
        endings=make_weights(config, game).endings,
    )


def make_weights(config: TrainingConfig, game: Game[Any]) -> Weights:
    """What each loss counts: what the network does not predict, or the game not define, counts nothing."""
    learner, has = config.learner, sizes(game)
    ownership = config.network.ending_heads and has.ownership_size > 0
    score = config.network.ending_heads and has.has_score
    return Weights(
        value=learner.value_weight,
        value_mix=learner.value_mix,
        reply=learner.reply_weight if config.network.reply_head else 0.0,
        ownership=learner.ownership_weight if ownership else 0.0,
        score=learner.score_weight if score else 0.0,
    )


def make_learner(
    config: TrainingConfig,
    game: Game[Any],
    network: Network,
    shards: Shards,
    *,
    minimax: Minimax | None = None,
    candidates: int = 1,
) -> Learner:
    """The learner that a configuration describes.

    Args:
        config: that describes it.
        game: that it learns.
        network: that it trains.
        shards: how matches and memory are divided.
        minimax: see `jaxplay.learners.alphazero`, as the next.
        candidates: see there.
    """
    learner, plies, matches = config.learner, config.selfplay.num_plies, config.selfplay.num_matches
    rows = max(learner.replay_positions // matches // plies, 1) * plies
    reanalysis = None
    if learner.reanalysis_plies > 0:
        greedy = make_search(config.search, game, network.on(game), noise=False)
        reanalysis = Reanalysis(greedy, learner.reanalysis_plies)
    return alphazero(
        game,
        network,
        make_optimizer(learner),
        replay_rows=rows,
        min_rows=min(-(-learner.min_positions // matches), rows),
        batch_size=learner.batch_size,
        num_updates=learner.num_updates,
        weights=make_weights(config, game),
        augment=learner.augment,
        ema_decay=learner.ema_decay,
        reanalysis=reanalysis,
        minimax=minimax,
        candidates=candidates,
        shards=shards,
    )
