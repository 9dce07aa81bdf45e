"""Search: simulations a second, against mctx, and against what network and rules alone would allow.

All cases search the same positions, those after four random plies. `linear` is a linear network, which
shows the search itself; `mlp` has five layers of 256 units, and `mlp/alone` evaluates and steps as often as
the search does, without a tree: the search's own cost is what is missing to its rate. `batch_N` are few
positions, where several simulations at once may pay: the eight leaves of `puct_leaves`, the rounds of
`gumbel_parallel`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay import search
from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.settings import Peers
from jaxplay.evaluator import Evaluate, Prediction, sizes
from jaxplay.game import Game, fresh, make
from jaxplay.networks import mlp
from jaxplay.sampling import kth_set

BATCH_SIZES = {"connect_four": 1024, "othello": 512, "pgx:othello": 512}
DEFAULT_BATCH_SIZE = 256
SIMULATIONS = (32, 128, 512)
MLP_SIMULATIONS = (32, 128)
SMALL_BATCHES, SMALL_SIMULATIONS, SMALL_LEAVES = (1, 8, 64), 64, 8
OPENING_PLIES = 4

Networks = tuple[Any, Evaluate]


@dataclass(frozen=True)
class Options(Peers):
    """What is measured.

    Attributes:
        games: Games whose positions are searched.
    """

    games: tuple[str, ...] = ("connect_four",)


def suites(options: Options) -> Iterator[list[Case]]:
    """For each game and number of simulations: both searches, mctx's, and the network alone."""
    for name in options.games:
        game = make(name)
        batch_size = 8 if options.quick else BATCH_SIZES.get(name, DEFAULT_BATCH_SIZE)
        states = positions(game, batch_size)
        for simulations in (4,) if options.quick else SIMULATIONS:
            yield _linear_cases(name, game, states, simulations, options)
        for simulations in (4,) if options.quick else MLP_SIMULATIONS:
            yield _mlp_cases(name, game, states, simulations)
        for batch in () if options.quick else SMALL_BATCHES:
            yield _small_cases(name, game, jax.tree.map(lambda x, n=batch: x[:n], states))


def positions(game: Game[Any], batch_size: int) -> Any:
    """Positions after a few random plies; new games where one ended."""
    first = jax.vmap(lambda key: fresh(game, key))(jax.random.split(jax.random.key(0), batch_size))
    states = first
    for ply in range(OPENING_PLIES):
        uniform = jax.random.uniform(jax.random.key(ply), (batch_size,))
        states = jax.vmap(game.step)(states, jax.vmap(kth_set)(states.legal_action_mask, uniform))
    return jax.tree.map(lambda new, old: jax.vmap(jnp.where)(states.terminated, old, new), states, first)


def linear(game: Game[Any]) -> Networks:
    """Parameters and evaluator of a linear network."""
    inputs = 1
    for size in sizes(game).observation:
        inputs *= size
    params = 0.1 * jax.random.normal(jax.random.key(1), (inputs, game.num_actions + 1))

    def evaluate(params: Array, key: Array, states: Any) -> Prediction:
        observations = jax.vmap(game.observe)(states).astype(jnp.float32)
        out = observations.reshape(observations.shape[0], -1) @ params
        return Prediction(out[:, :-1], jnp.tanh(out[:, -1]))

    return params, evaluate


def perceptron(game: Game[Any]) -> Networks:
    """Parameters and evaluator of five layers of 256 units."""
    network = mlp(sizes(game), width=256, depth=2)
    return network.init(jax.random.key(1)), network.on(game)


def _linear_cases(name: str, game: Game[Any], states: Any, simulations: int, options: Options) -> list[Case]:
    params, evaluate = linear(game)
    runs: dict[str, Callable[..., Any]] = {
        "puct": shown(search.puct(game, evaluate, simulations)),
        "gumbel": shown(search.gumbel(game, evaluate, simulations)),
        "gumbel_parallel": shown(search.gumbel(game, evaluate, simulations, parallel=True)),
    }
    if options.peers:
        from jaxplay.benchmarks.mctx_peer import mctx_runs

        runs |= mctx_runs(game, evaluate, simulations)
    return [
        search_case(f"{name}/linear/{simulations}/{which}", run, params, states, simulations)
        for which, run in runs.items()
    ]


def _mlp_cases(name: str, game: Game[Any], states: Any, simulations: int) -> list[Case]:
    params, evaluate = perceptron(game)
    runs = {
        "alone": alone(game, evaluate, simulations),
        "puct": shown(search.puct(game, evaluate, simulations)),
        "gumbel": shown(search.gumbel(game, evaluate, simulations)),
    }
    prefix = f"{name}/mlp/{simulations}"
    return [
        replace(
            search_case(f"{prefix}/{which}", run, params, states, simulations), limit_by=f"{prefix}/alone"
        )
        for which, run in runs.items()
    ]


def _small_cases(name: str, game: Game[Any], states: Any) -> list[Case]:
    """Few positions and a network: one simulation after another, and several at once."""
    params, evaluate = perceptron(game)
    runs = {
        "puct": search.puct(game, evaluate, SMALL_SIMULATIONS),
        "puct_leaves": search.puct(game, evaluate, SMALL_SIMULATIONS, leaves=SMALL_LEAVES),
        "gumbel": search.gumbel(game, evaluate, SMALL_SIMULATIONS),
        "gumbel_parallel": search.gumbel(game, evaluate, SMALL_SIMULATIONS, parallel=True),
    }
    prefix = f"{name}/mlp/batch_{states.terminated.shape[0]}"
    return [
        search_case(f"{prefix}/{which}", shown(run), params, states, SMALL_SIMULATIONS)
        for which, run in runs.items()
    ]


def alone(game: Game[Any], evaluate: Evaluate, simulations: int) -> Callable[..., Any]:
    """As many evaluations and steps as a search does, from the same positions, without a tree."""

    def run(params: Any, key: Array, states: Any) -> Array:
        def simulate(i: Array, carry: Array) -> Array:
            actions = jnp.argmax(states.legal_action_mask + 1e-9 * carry, axis=-1).astype(jnp.int32)
            prediction = evaluate(params, key, jax.vmap(game.step)(states, actions))
            return prediction.logits

        return jax.lax.fori_loop(0, simulations, simulate, evaluate(params, key, states).logits)

    return run


def shown(run: search.Search) -> Callable[..., Any]:
    """The search without its tree, which would be copied out."""
    return lambda params, key, states: run(params, key, states)._replace(tree=None)  # pyright: ignore


def search_case(name: str, run: Callable[..., Any], params: Any, states: Any, simulations: int) -> Case:
    """A search of `states`, whose work is counted in simulations."""
    batch_size = states.terminated.shape[0]
    return Case(
        name=name,
        run=run,
        arguments=(params, jax.random.key(2), states),
        work=float(batch_size * simulations),
        unit="simulation",
        sizes={"batch_size": batch_size, "num_simulations": simulations},
    )
