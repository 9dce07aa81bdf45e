"""The compiled step of a policy-gradient learner: positions a second, and what bounds them.

`step` is the whole of `Training.step`; `alone` is network and rules as often as it needs them: forward once
a ply, forward and backward once a position and epoch, and nothing else. `pgx` is a loop in the manner of
PureJaxRL on Pgx's game of the same rules, with as many games, plies, epochs and minibatches, and with as many
layers, as wide, but without norms and residual sums (`jaxplay.benchmarks.ppo_peer`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.ppo_peer import Sizes, ppo_on_pgx
from jaxplay.benchmarks.settings import Peers
from jaxplay.config import MLPConfig, PolicyGradientConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate
from jaxplay.game import Game, fresh
from jaxplay.networks import build_network
from jaxplay.presets import preset
from jaxplay.training import make_game, make_training

GAMES = ("kuhn_poker", "leduc_poker", "tiny_hanabi", "phantom_tic_tac_toe")
PGX = {"kuhn_poker": "kuhn_poker", "leduc_poker": "leduc_holdem"}
"""Pgx's names of games that it has."""


@dataclass(frozen=True)
class Options(Peers):
    """What is measured.

    Attributes:
        games: Games to measure, of those that are learned by policy gradients.
    """

    games: tuple[str, ...] = GAMES


def suites(options: Options) -> Iterator[list[Case]]:
    """One suite for each game, with its `cpu` preset.

    Raises:
        UserError: the preset of a game does not learn by policy gradients.
    """
    for name in options.games:
        yield _cases(name, "quick" if options.quick else "cpu", peers=options.peers)


def _cases(name: str, preset_name: str, *, peers: bool) -> list[Case]:
    config = preset(name, preset_name).training
    learner, network = config.learner, config.network
    if not isinstance(learner, PolicyGradientConfig) or not isinstance(network, MLPConfig):
        raise UserError(f"{name} is not learned by policy gradients")
    training, game = make_training(config), make_game(config)
    state = jax.jit(training.init)(jax.random.key(0))
    sizes = Sizes(
        config.selfplay.num_matches,
        config.selfplay.num_plies,
        network.width,
        1 + 2 * network.depth,
        learner.num_epochs,
        learner.num_minibatches,
    )
    evaluate = build_network(network, game).on(game)
    params = jax.tree.map(jnp.copy, state.learners[0].ema)
    work = {"work": float(sizes.num_matches * sizes.num_plies), "unit": "position", "sizes": sizes._asdict()}
    begin = jax.vmap(lambda key: fresh(game, key))(jax.random.split(jax.random.key(1), sizes.num_matches))
    limit, rivals = f"{name}/alone", (f"{name}/pgx",) if peers and name in PGX else ()
    cases = [
        Case(f"{name}/step", training.step, (state,), limit_by=limit, peer_of=rivals, **work),
        Case(limit, _alone(game, evaluate, config, sizes), (params, begin), **work),
    ]
    if rivals:
        run, init = ppo_on_pgx(PGX[name], sizes)
        cases.append(Case(rivals[0], run, (init(jax.random.key(2)),), **work))
    return cases


def _alone(game: Game[Any], evaluate: Evaluate, config: TrainingConfig, sizes: Sizes) -> Callable[..., Array]:
    """Network and rules as often as a step needs them, from the same positions."""
    key = jax.random.key(0)
    batch = sizes.num_matches * sizes.num_plies // sizes.num_minibatches

    def loss(params: Any, states: Any) -> Array:
        prediction = evaluate(params, key, states)
        return jax.nn.logsumexp(prediction.logits, axis=-1).mean() + (prediction.value**2).mean()

    def run(params: Any, states: Any) -> Array:
        def ply(number: Array, carry: Array) -> Array:
            logits = evaluate(params, key, states).logits
            actions = jnp.argmax(states.legal_action_mask + 1e-9 * carry, axis=-1).astype(jnp.int32)
            after = jax.vmap(game.step)(states, actions)
            return carry + logits.mean() + after.rewards.sum()

        total = jax.lax.fori_loop(0, sizes.num_plies, ply, jnp.float32(0))
        some = jax.tree.map(lambda x: jnp.resize(x, (batch, *x.shape[1:])), states)

        def update(number: Array, params: Any) -> Any:
            gradient = jax.grad(loss)(params, some)
            return jax.tree.map(lambda p, g: p - 1e-6 * g, params, gradient)

        steps = sizes.num_epochs * sizes.num_minibatches
        learned = jax.lax.fori_loop(0, steps, update, params)
        return total + sum(x.sum() for x in jax.tree.leaves(learned))

    return run
