"""Self-play with search: positions a second, beside Pgx and mctx, and what network and rules alone allow.

Settings are those of a game's `cpu` preset: matches, plies of a call, simulations. `mlp` is its network,
`linear` a linear one, which shows all but the network. `own` is `jaxplay.rollout` with the preset's search;
`alone` evaluates and steps as often, without a tree; peers are the loop of Pgx's examples with both searches
of mctx, the same network, matches, plies and simulations (`jaxplay.benchmarks.selfplay_peer`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.limits import flops_of
from jaxplay.benchmarks.search import alone
from jaxplay.benchmarks.settings import Peers
from jaxplay.config import TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Prediction, sizes
from jaxplay.game import Game
from jaxplay.learners import Setting, build_learner
from jaxplay.networks import build_network
from jaxplay.presets import preset
from jaxplay.rollout import Roster, rollout, shared
from jaxplay.training import make_game


@dataclass(frozen=True)
class Options(Peers):
    """What is measured.

    Attributes:
        games: Games that are played, each with the settings of its preset.
    """

    games: tuple[str, ...] = ("connect_four",)


class Play(NamedTuple):
    """Self-play that is measured.

    Attributes:
        name: of its cases, before the last `/`.
        config: of the training that it is a part of.
        game: that is played.
        network: that plays.
    """

    name: str
    config: TrainingConfig
    game: Game[Any]
    network: Network


def suites(options: Options) -> Iterator[list[Case]]:
    """For each game a suite with the network of its preset, and one with a linear network.

    Raises:
        UserError: a game is not learned by search.
    """
    for name in options.games:
        config = preset(name, "quick" if options.quick else "cpu").training
        if not config.learner.searches:
            raise UserError(f"{name} is not learned by search: `jaxplay bench policy` measures it")
        game = make_game(config)
        for kind, network in ((config.network.kind, build_network(config.network, game)), linear(game)):
            yield _cases(Play(f"{name}/{kind}", config, game, network), peers=options.peers)


def linear(game: Game[Any]) -> tuple[str, Network]:
    """A network of one matrix, and what it is called."""
    inputs = 1
    for size in sizes(game).observation:
        inputs *= size

    def init(key: Array) -> Array:
        return 0.1 * jax.random.normal(key, (inputs, game.num_actions + 1))

    def apply(params: Array, observation: Array) -> Prediction:
        out = observation.astype(jnp.float32).reshape(-1) @ params
        return Prediction(out[:-1], jnp.tanh(out[-1]))

    return "linear", Network(init, apply)


def _cases(play: Play, *, peers: bool) -> list[Case]:
    config, game = play.config, play.game
    evaluate, plies = play.network.on(game), config.selfplay.num_plies
    learner = build_learner(config.learner, Setting(config, game, play.network))
    rolled = rollout(game, shared(learner.policy(evaluate)), config.selfplay)
    params, key = play.network.init(jax.random.key(0)), jax.random.key(1)
    matches = jax.jit(rolled.init)(key)
    only = alone(game, evaluate, (config.search.num_simulations + 1) * plies)

    def run(params: Any, matches: Any, key: Array) -> Any:
        return rolled.play(Roster(params), matches, key)

    num_matches, limit = config.selfplay.num_matches, f"{play.name}/alone"
    arguments = params, key, matches.episodes.state
    base = Case(
        limit,
        only,
        arguments,
        float(num_matches * plies),
        "position",
        flops=flops_of(only, *arguments),
        sizes={"num_matches": num_matches, "num_simulations": config.search.num_simulations},
    )
    own = replace(base, name=f"{play.name}/own", run=run, arguments=(params, matches, key), limit_by=limit)
    return [own, base, *(_peer_cases(play, params, own) if peers else ())]


def _peer_cases(play: Play, params: Any, own: Case) -> list[Case]:
    from jaxplay.benchmarks.selfplay_peer import Loop, loops

    found = loops(
        Loop(
            play.name.partition("/")[0],
            play.network.apply,
            play.config.selfplay.num_matches,
            play.config.selfplay.num_plies,
            play.config.search.num_simulations,
        ),
        sizes(play.game),
    )
    return [
        replace(
            own,
            name=f"{play.name}/{which}",
            run=loop.run,
            arguments=(params, loop.init(jax.random.key(0)), jax.random.key(1)),
            limit_by=None,
            peer_of=(own.name,),
        )
        for which, loop in found.items()
    ]
