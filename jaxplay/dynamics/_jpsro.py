"""Joint policy-space response oracles: correlated play of any number of players (Marris et al. 2021).

Each player has a population of policies. The fairest (coarse) correlated equilibrium of the game among them
says how they are played together; each player adds the policy that gains most against that; until nobody
gains. Source: https://arxiv.org/abs/2106.09435.
"""

import itertools
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.table import Plans
from jaxplay.dynamics.tables import ExtensiveForm
from jaxplay.matrix_games import maximum_gini
from jaxplay.matrix_games.correlated import Kind


class Joint(NamedTuple):
    """Correlated play.

    Attributes:
        policies: for each player `(n, S)`, its population.
        mixture: `(n0, n1, ...)`, how often each combination is played.
        gaps: what the players together gained by the best deviation, after each iteration.
        values: `(P,)`, what each player earns.
    """

    policies: tuple[np.ndarray, ...]
    mixture: np.ndarray
    gaps: list[float]
    values: np.ndarray


def jpsro(
    table: ExtensiveForm,
    *,
    kind: Kind = "cce",
    iterations: int = 30,
    tolerance: float = 1e-3,
    num_steps: int = 4000,
) -> Joint:
    """Populations that grow until no player gains by leaving the recommended play.

    Args:
        table: the game.
        kind: `cce`: nobody gains by a policy chosen before the recommendation; `ce`: by one chosen after it,
            when the recommended policy is known.
        iterations: the largest number of them.
        tolerance: the sum of gains, in units of payoff, at which it ends.
        num_steps: of `jaxplay.matrix_games.maximum_gini`.
    """
    with jax.enable_x64(True):
        populations = [[np.asarray(space.first(jnp.float64))] for space in table.spaces]
        gaps: list[float] = []
        known: dict[tuple[int, ...], np.ndarray] = {}
        while True:
            payoffs = _payoffs(table, populations, known)
            mixture = np.asarray(_fairest(payoffs, kind, num_steps))
            values = np.tensordot(mixture, payoffs, axes=mixture.ndim)
            gap, found = _deviations(table, populations, payoffs, mixture, kind)
            gaps.append(gap)
            if gap <= tolerance or len(gaps) == iterations or not any(map(len, found)):
                policies = tuple(np.stack(population) for population in populations)
                return Joint(policies, mixture, gaps, values)
            populations = [old + new for old, new in zip(populations, found, strict=True)]


def _fairest(payoffs: np.ndarray, kind: Kind, num_steps: int) -> Array:
    """The fairest equilibrium; sizes are rounded up, so that few programs are compiled."""
    shape = [max(4, 1 << (size - 1).bit_length()) for size in payoffs.shape[:-1]]
    padded = np.zeros((*shape, payoffs.shape[-1]))
    inside = tuple(slice(0, size) for size in payoffs.shape[:-1])
    padded[inside] = payoffs
    masks = tuple(jnp.arange(n) < size for n, size in zip(shape, payoffs.shape, strict=False))
    return _solve(jnp.asarray(padded), masks, kind, num_steps)[inside]


@partial(jax.jit, static_argnums=(2, 3))
def _solve(payoffs: Array, masks: tuple[Array, ...], kind: Kind, num_steps: int) -> Array:
    return maximum_gini(payoffs, masks, kind=kind, num_steps=num_steps)


def _payoffs(
    table: ExtensiveForm, populations: list[list[np.ndarray]], known: dict[tuple[int, ...], np.ndarray]
) -> np.ndarray:
    """`(n0, ..., P)` float64: what each player earns by each combination; `known` keeps what was found."""
    sizes = tuple(map(len, populations))
    payoffs = np.zeros((*sizes, len(sizes)))
    plans = [
        [space.plan(jnp.asarray(policy)) for policy in population]
        for space, population in zip(table.spaces, populations, strict=True)
    ]
    for place in itertools.product(*map(range, sizes)):
        if place not in known:
            known[place] = np.asarray(_values(table, tuple(plans[p][i] for p, i in enumerate(place))))
        payoffs[place] = known[place]
    return payoffs


@partial(jax.jit, static_argnums=0)
def _values(table: ExtensiveForm, plans: Plans) -> Array:
    """`(P,)`: what each player earns."""
    return jnp.stack([(table.gains(player, plans) * plan).sum() for player, plan in enumerate(plans)])


def _deviations(
    table: ExtensiveForm,
    populations: list[list[np.ndarray]],
    payoffs: np.ndarray,
    mixture: np.ndarray,
    kind: Kind,
) -> tuple[float, list[list[np.ndarray]]]:
    """What all players gain by best deviations, and those that are new."""
    total, found = 0.0, []
    for player in range(mixture.ndim):
        rows = np.moveaxis(mixture, player, 0).reshape(mixture.shape[player], -1)
        earned = (np.moveaxis(payoffs[..., player], player, 0).reshape(rows.shape) * rows).sum(axis=1)
        if kind == "cce":
            rows, earned = rows.sum(axis=0, keepdims=True), earned.sum(keepdims=True)
        new: list[np.ndarray] = []
        for weights, value in zip(rows, earned, strict=True):
            if weights.sum() <= 1e-6:
                continue
            gains = _mixed_gains(table, populations, player, weights)
            most, best = jax.device_get(_best(table, player, gains))
            gain = float(most) - value
            total += gain
            if gain > 1e-9 and not any(np.array_equal(best, old) for old in populations[player] + new):
                new.append(best)
        found.append(new)
    return total, found


def _mixed_gains(
    table: ExtensiveForm, populations: list[list[np.ndarray]], player: int, weights: np.ndarray
) -> Array:
    """`(1 + S,)`: the player's gains against combinations of the others, by their weights."""
    others = [populations[other] for other in range(len(populations)) if other != player]
    total: Any = 0.0
    for weight, combination in zip(weights, itertools.product(*others), strict=True):
        if weight > 0:
            policies = list(combination)
            policies.insert(player, populations[player][0])
            plans = zip(table.spaces, policies, strict=True)
            total = total + weight * _gains(
                table, player, tuple(space.plan(jnp.asarray(policy)) for space, policy in plans)
            )
    return total


@partial(jax.jit, static_argnums=(0, 1))
def _gains(table: ExtensiveForm, player: int, plans: Plans) -> Array:
    return table.gains(player, plans)


@partial(jax.jit, static_argnums=(0, 1))
def _best(table: ExtensiveForm, player: int, gains: Array) -> tuple[Array, Array]:
    """The value of a best response, and the policy."""
    treeplex = table.spaces[player].treeplex
    return treeplex.best(gains)[1], treeplex.greedy(gains)
