"""What raw policies of networks give away, exactly: of one, and of a mixture of several.

A raw policy is the softmax of the network's logits over legal moves; nothing is searched.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.benchmarks.hex_first import first_player_exploitability, first_player_mixture
from jaxplay.evaluator import Evaluate, Params
from jaxplay.game import Game
from jaxplay.games.hex import Hex
from jaxplay.matrix_games import symmetric_nash
from jaxplay.matrix_games import uniform as evenly
from jaxplay.policies import legal_probs
from jaxplay.solve import (
    AskPolicy,
    Exploitability,
    Graph,
    behaviour,
    compiled_exploitability,
    compiled_policy,
    game_tree,
    mixture_exploitability,
    reachable,
    sequence_form,
    tree_of,
)

Together = Callable[[Params, Array, Array | None], dict[str, float]]
LEAST_WEIGHT = 0.01
"""A member with less of the weight of a mixture's heaviest is left out where mixtures are bounded."""


class Holes(NamedTuple):
    """Exploitability in one game; each is compiled at its first call.

    Attributes:
        alone: `params -> {"policy", "greedy"}`, `()` each: of the raw policy, and of its likeliest moves.
        together: `stacked params (C, ...), present (C,), payoff (C, C) or None -> ` of mixtures of raw
            policies, one of which plays the whole game: `nash` by their exact payoffs, `measured_nash` by
            those given, and `uniform`. Where the game has too many histories, `measured_nash_lower` and
            `measured_nash_upper`, bounds of the second (`jaxplay.benchmarks.mixture_bounds`), and nothing
            without payoffs.
    """

    alone: Callable[[Params], dict[str, Array]]
    together: Together


def holes(game: Game[Any], evaluate: Evaluate) -> Holes:
    """Measures of players of a game: any that can be enumerated, and Hex on 4 x 4 cells without the swap.

    Args:
        game: of perfect information.
        evaluate: gives the logits.
    """
    asked = {"policy": raw_policy(evaluate), "greedy": greedy_policy(evaluate)}
    if isinstance(game, Hex) and game.size > 3:
        measures = {name: first_player_exploitability(game, ask) for name, ask in asked.items()}
        bounds = bounded(game, asked["policy"])
        return Holes(lambda params: {name: measure(params) for name, measure in measures.items()}, bounds)
    graph = reachable(game)
    tables = {name: compiled_policy(graph, ask) for name, ask in asked.items()}
    gaps = compiled_exploitability(graph)

    @jax.jit
    def alone(params: Params) -> dict[str, Array]:
        return {name: gaps(table(params)).exploitability for name, table in tables.items()}

    return Holes(alone, _together(graph, tables["policy"]))


def hidden_holes(game: Game[Any], evaluate: Evaluate) -> Holes:
    """Measures of players of a game of two sides in which something is hidden.

    Args:
        game: small enough for `jaxplay.solve.sequence_form`.
        evaluate: gives the logits.
    """
    form = sequence_form(game_tree(game))
    table = behaviour.asked(form, legal_probs(game, evaluate))
    first = jnp.asarray(form.tree.owner == 0)[:, None]

    @jax.jit
    def alone(params: Params) -> dict[str, Array]:
        return {"policy": behaviour.gaps(form, table(params)).exploitability}

    @jax.jit
    def members(params: Params) -> tuple[Array, Array]:
        return against_each_other(
            jax.lax.map(table, params), lambda both: behaviour.gaps(form, both).values[0], first
        )

    return Holes(alone, partial(_mixtures, members, partial(mixture_exploitability, form)))


def bounded(game: Hex, ask: AskPolicy) -> Together:
    """`Holes.together` of a game of Hex with too many histories.

    Args:
        game: see `first_player_mixture`.
        ask: the members' policy.
    """
    bounds = first_player_mixture(game, ask)

    def together(params: Params, present: Array, payoff: Array | None) -> dict[str, float]:
        if payoff is None:
            return {}
        share = np.asarray(symmetric_nash(payoff, present), float)
        kept = np.flatnonzero(share >= LEAST_WEIGHT * share.max())
        members = [jax.tree.map(lambda x, i=i: jnp.asarray(x[i]), params) for i in kept]
        found = bounds(members, share[kept])
        return {"measured_nash_lower": found.lower, "measured_nash_upper": found.upper}

    return together


def _together(graph: Graph, policy: Callable[[Params], Array]) -> Together:
    """`Holes.together`, where `policy` makes a table of parameters."""
    tree, gaps = tree_of(graph), compiled_exploitability(graph)
    first = jnp.asarray(graph.player == 0)[:, None]

    @jax.jit
    def members(params: Params) -> tuple[Array, Array]:
        return against_each_other(jax.lax.map(policy, params), lambda both: gaps(both).values[0], first)

    return partial(_mixtures, members, partial(mixture_exploitability, tree))


def against_each_other(tables: Array, value: Callable[[Array], Array], first: Array) -> tuple[Array, Array]:
    """The tables, and what each earns against each, `(C, C)`, in either seat as often.

    Args:
        tables: `(C, S, E)`, policies of C players.
        value: `(S, E) -> ()`, what the first player earns where all play by a table.
        first: `(S, 1)` bool, where the first player decides.
    """

    def payoffs(mine: Array) -> Array:
        return jax.lax.map(lambda theirs: value(jnp.where(first, mine, theirs)), tables)

    earned = jax.lax.map(payoffs, tables)
    return tables, (earned - earned.T) / 2.0


def _mixtures(
    members: Callable[[Params], tuple[Array, Array]],
    measure: Callable[[list[np.ndarray], np.ndarray], Exploitability],
    params: Params,
    present: Array,
    payoff: Array | None,
) -> dict[str, float]:
    """`Holes.together`, from what `against_each_other` gives, and a measure of tables and weights."""
    tables, exact = members(params)
    weights = {"nash": symmetric_nash(exact, present), "uniform": evenly(present)}
    if payoff is not None:
        weights["measured_nash"] = symmetric_nash(payoff, present)
    policies = list(np.asarray(tables, float))
    return {name: measure(policies, np.asarray(share)).exploitability for name, share in weights.items()}


def raw_policy(evaluate: Evaluate) -> AskPolicy:
    """The softmax of an evaluator's logits over legal moves."""

    def ask(params: Params, states: Any) -> Array:
        logits = evaluate(params, jax.random.key(0), states).logits
        legal = states.legal_action_mask[:, : logits.shape[1]]
        return jax.nn.softmax(jnp.where(legal, logits, -jnp.inf))

    return ask


def greedy_policy(evaluate: Evaluate) -> AskPolicy:
    """The likeliest move of `raw_policy`."""
    ask = raw_policy(evaluate)

    def likeliest(params: Params, states: Any) -> Array:
        probs = ask(params, states)
        return jax.nn.one_hot(jnp.argmax(probs, axis=-1), probs.shape[1])

    return likeliest
