"""What variants of search are worth to one network: Connect Four, equal simulations, exact outcomes.

A variant is judged by the share of exact positions whose outcome it keeps, and by the time it takes for
all of them at once. What is kept from one move to the next shows in games only: there, a search that keeps
its trees plays one that does not, with the same network and as many simulations.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.agent import Agent
from jaxplay.arena.outcomes import load_positions, outcome_kept
from jaxplay.benchmarks.search import positions
from jaxplay.benchmarks.settings import whole
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game, make
from jaxplay.players import Contender
from jaxplay.search import Search, empty_tree, gumbel, puct, reuse

GAME = "connect_four"
LEAVES = (2, 4, 8, 16)
NUM_GAMES = 512
TIMINGS = 3


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        seed: Seed of the searches.
    """

    seed: int = whole(0, 0, 2**32 - 1)


def rows(game: Game[Any], contenders: Sequence[Contender], options: Options) -> Iterator[dict[str, Any]]:
    """A row for each variant of each run's search.

    Args:
        game: standard Connect Four.
        contenders: runs.
        options: of all variants.

    Raises:
        UserError: another game, or a player without a network.
    """
    if game != make(GAME):
        raise UserError(f"exact outcomes are known of {make(GAME)}, not of {game}")
    for contender in contenders:
        agent = contender.agent
        if agent is None or agent.params is None:
            raise UserError(f"variants needs runs: {contender.player.name} has no network")
        evaluate = _evaluator(agent)
        for name, search in variants(game, evaluate, agent.num_simulations).items():
            yield {"player": agent.name, "variant": name} | _judge(search, agent.params, options.seed)
        for kind, factory in (("puct", puct), ("gumbel", partial(gumbel, noise=0.0))):
            found = play_kept(factory, game, evaluate, agent.params, agent.num_simulations, options.seed)
            yield {"player": agent.name, "variant": f"{kind}, trees kept, against none kept"} | found


def _evaluator(agent: Agent) -> Evaluate:
    def evaluate(params: Params, key: Array, states: Any) -> Any:
        return agent.programs.predict(params, key, states)

    return evaluate


def variants(game: Game[Any], evaluate: Evaluate, simulations: int) -> dict[str, Search]:
    """The searches that are compared, by name."""
    greedy = partial(gumbel, game, evaluate, noise=0.0)
    plain = partial(puct, game, evaluate)
    found = {
        "puct": plain(simulations),
        "puct, half the simulations": plain(max(simulations // 2, 1)),
        "puct, twice the simulations": plain(2 * simulations),
        "puct, proofs": plain(simulations, prove=True),
        "puct, early end": plain(simulations, stop_early=True),
        "puct, bfloat16 priors": plain(simulations, bfloat16_priors=True),
    }
    found |= {f"puct, {n} leaves at once": plain(simulations, leaves=n) for n in LEAVES if n <= simulations}
    found |= {"gumbel": greedy(simulations), "gumbel, parallel": greedy(simulations, parallel=True)}
    return found


def _judge(search: Search, params: Params, seed: int) -> dict[str, Any]:
    exact = load_positions()
    run = jax.jit(lambda params, key, states: search(params, key, states)._replace(tree=None))  # pyright: ignore
    output, seconds = jax.device_get(run(params, jax.random.key(seed), exact.states)), []
    for _ in range(TIMINGS):
        start = time.perf_counter()
        jax.block_until_ready(run(params, jax.random.key(seed), exact.states))
        seconds.append(time.perf_counter() - start)
    kept = outcome_kept(output.action, exact)
    return {
        "measure": "outcomes kept",
        "share": kept.share,
        "error": float(np.sqrt(kept.share * (1 - kept.share) / len(exact.outcome))),
        "simulations": float(output.num_simulations.mean()),
        "visits_kept": 0.0,
        "milliseconds": 1000 * min(seconds),
    }


def play_kept(
    factory: Any,
    game: Game[Any],
    evaluate: Evaluate,
    params: Params,
    simulations: int,
    seed: int,
    num_games: int = NUM_GAMES,
) -> dict[str, Any]:
    """Games between a search that keeps its trees and one that does not; seats balanced.

    The keeper does not think while the other moves: its tree then only follows the move that was made.
    `simulations` of the row is what the keeper made at each move of its own.
    """
    roomy = factory(game, evaluate, simulations, capacity=3 * simulations)
    plain = factory(game, evaluate, simulations)
    openings = positions(game, num_games // 2)
    states = jax.tree.map(lambda x: jnp.concatenate([x, x]), openings)
    keeper = jnp.repeat(jnp.arange(2), num_games // 2)
    tree = empty_tree(jax.eval_shape(roomy, params, jax.random.key(0), states).tree)
    ply = jax.jit(partial(_play_kept, game, roomy, plain, simulations, keeper))

    returns, known = jnp.zeros((num_games, 2)), np.zeros(3)
    for number in range(game.max_plies):
        states, tree, returns, found = ply(params, jax.random.key(seed + number), states, tree, returns)
        known += np.asarray(found)
        if states.terminated.all():
            break
    score = 0.5 + 0.5 * np.asarray(returns)[np.arange(num_games), np.asarray(keeper)]
    before, made, plies = known
    return {
        "measure": "score in games",
        "share": float(score.mean()),
        "error": float(score.std() / np.sqrt(num_games)),
        "simulations": float(made / plies),
        "visits_kept": float(before / plies),
        "milliseconds": None,
    }


def _play_kept(
    game: Game[Any],
    roomy: Search,
    plain: Search,
    simulations: int,
    keeper: Array,
    params: Params,
    key: Array,
    states: Any,
    tree: Any,
    returns: Array,
) -> tuple[Any, Any, Array, Array]:
    """One ply; at the keeper's moves `(3,)`: visits already there, simulations made, and how many moves."""
    before = tree.visits[0].astype(jnp.int32).sum(-1)
    mine, live = states.current_player == keeper, ~states.terminated
    budget = jnp.where(mine, simulations, 0)
    kept = roomy(params, key, states, num_simulations=budget, tree=tree)
    action = jnp.where(mine, kept.action, plain(params, key, states).action)
    after = jax.vmap(game.step)(states, action)
    returns = returns + jnp.where(live[:, None], after.rewards, 0.0)
    after = jax.tree.map(lambda new, old: jax.vmap(jnp.where)(live, new, old), after, states)
    tree = reuse(game, kept.tree, action, after, 2 * simulations)  # pyright: ignore
    made = jnp.where(live, kept.num_simulations, 0).sum()
    known = jnp.stack([jnp.where(mine & live, before, 0).sum(), made, (mine & live).sum()])
    return after, tree, returns, known
