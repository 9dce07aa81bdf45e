"""Balanced and adaptive FTRL: trees learned from one's own moves and returns alone (Fiegel et al. 2023).

Source: Adapting to game trees in zero-sum imperfect information games, https://arxiv.org/abs/2212.12567.
The loss of a play is estimated by `loss / (plan + exploration)` at its last own decision, with implicit
exploration, and the policy follows the regularized leader with the dilated entropy. Only information sets
that the play visited change, from the last one backwards, where x is worth `v(x)` with rate `rate(x)`:

    policy(x, a) is multiplied by exp(-rate(x) (estimate + v of what follows)) for the action taken, then
    v(x) = -log(sum over actions of policy(x, a)) / rate(x), and the policy is normalized.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Sampled
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Tree
from jaxplay.dynamics.walk import Paths, paths_of
from jaxplay.errors import UserError
from jaxplay.solve import Treeplex


class Balance(NamedTuple):
    """How many decisions follow, and how likely the balanced chance makes each information set.

    Attributes:
        policy: `(S,)` float64, in proportion to the number of decisions in what follows each action.
        reach: `(n,)` float64, the product of the others' probabilities along the way if these were in
            proportion to the number of decisions that follow.
    """

    policy: np.ndarray
    reach: np.ndarray


def balanced_ftrl(rate: float = 0.003, *, exploration: float | None = None) -> Method:
    """Rates and exploration fixed by the size of what follows; takes `Sampled`.

    Args:
        rate: of information sets that are reached for certain; divided by the balanced reach elsewhere.
        exploration: implicit exploration, divided likewise; None: a twentieth of `rate`.

    Raises:
        UserError: a number is 0 or less.
    """
    explored = _checked("balanced_ftrl", rate, exploration)

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        return Player(jnp.asarray(balance(space.treeplex).policy, dtype), ())

    def update(space: Tree, player: Player, signal: Sampled) -> Player:
        paths, reach = paths_of(space.treeplex), balance(space.treeplex).reach
        visit = _visit(paths, player.policy, signal.sequence)
        inverse = 1 / jnp.asarray(reach, player.policy.dtype)[visit.infosets]
        policy = _learn(player.policy, visit, signal.loss, rate * inverse, explored * inverse)
        return Player(policy, ())

    return Method(init, update)


def adaptive_ftrl(rate: float = 300.0, *, exploration: float | None = None) -> Method:
    """Rates that fall with how much each information set was explored; takes `Sampled`.

    Args:
        rate: divided by one plus the estimated number of visits of each information set, were the player to
            try to come there; then the policy is also pulled to the first one as rates fall.
        exploration: implicit exploration, divided likewise; None: a twentieth of `rate`.

    Raises:
        UserError: a number is 0 or less.
    """
    explored = _checked("adaptive_ftrl", rate, exploration)

    def init(space: Tree, key: Array, dtype: Any = jnp.float32) -> Player:
        policy = jnp.asarray(balance(space.treeplex).policy, dtype)
        return Player(policy, jnp.ones(space.treeplex.num_infosets, dtype))

    def update(space: Tree, player: Player, signal: Sampled) -> Player:
        paths, visits = paths_of(space.treeplex), player.memory
        visit = _visit(paths, player.policy, signal.sequence)
        before = visits[visit.infosets]
        # No exploration above one: the plan itself is no greater.
        ix = jnp.minimum(explored / before, 1.0)
        count = before + 1 / (visit.plan + ix)
        first = jnp.asarray(np.append(balance(space.treeplex).policy, 0.0), player.policy.dtype)
        policy = _learn(player.policy, visit, signal.loss, rate / count, ix, first, before / count)
        there = jnp.where(visit.real, visit.infosets, len(visits))
        return Player(policy, visits.at[there].set(count, mode="drop"))

    return Method(init, update)


def balance(treeplex: Treeplex) -> Balance:
    """How decisions of a treeplex balance; on the host."""
    follows = np.ones(treeplex.num_slots)
    size = np.zeros(treeplex.num_infosets)
    policy = np.zeros(treeplex.num_slots)
    levels, paths = treeplex.levels, paths_of(treeplex)
    legal = paths.rows < treeplex.num_slots
    for number in reversed(range(len(levels))):
        own = levels[number].infosets
        if number + 1 < len(levels):
            below = levels[number + 1]
            np.add.at(follows, levels[number].slots.start + below.parent, size[below.infosets])
        rows = np.where(legal[own], np.append(follows, 0.0)[paths.rows[own]], 0.0)
        size[own] = rows.sum(axis=1)
        policy[paths.rows[own][legal[own]]] = (rows / size[own, None])[legal[own]]
    reach = np.zeros(treeplex.num_infosets)
    reach[levels[0].infosets] = size[levels[0].infosets] / size[levels[0].infosets].sum()
    for above, level in pairwise(levels):
        before = above.slots.start + level.parent
        share = size[level.infosets] / (follows[before] - 1)
        reach[level.infosets] = reach[paths.path[1 + before, 0]] * share
    return Balance(policy, reach)


class _Visit(NamedTuple):
    """The D own decisions of a play, the last one first.

    Attributes:
        infosets: `(D,)` int32.
        rows: `(D, W)` int32, their slots.
        chosen: `(D, W)` bool, the one that was taken.
        real: `(D,)` bool, whether there was such a decision.
        plan: `(D,)`, the product of own probabilities up to and with each.
    """

    infosets: Array
    rows: Array
    chosen: Array
    real: Array
    plan: Array


def _visit(paths: Paths, policy: Array, sequence: Array) -> _Visit:
    infosets, real = jnp.asarray(paths.path)[sequence], jnp.asarray(paths.real)[sequence]
    rows = jnp.asarray(paths.rows)[infosets]
    chosen = jnp.arange(rows.shape[1])[None] == jnp.asarray(paths.choice)[sequence][:, None]
    taken = jnp.where(chosen, policy.at[rows].get(mode="fill", fill_value=0), 0).sum(axis=1)
    plan = jnp.cumprod(jnp.where(real, taken, 1)[::-1])[::-1]
    return _Visit(infosets, rows, chosen, real, plan)


def _learn(
    policy: Array,
    visit: _Visit,
    loss: Array,
    rates: Array,
    exploration: Array,
    first: Array | None = None,
    kept: Array | None = None,
) -> Array:
    """`(S,)`: the policy after one play; with `kept` `(D,)` pulled to `first` `(S + 1,)` where rates fell."""
    worth = loss / (visit.plan[0] + exploration[0])
    tiny = jnp.finfo(policy.dtype).tiny
    for step in range(len(visit.real)):
        row, chosen = visit.rows[step], visit.chosen[step]
        logits = jnp.log(jnp.maximum(policy.at[row].get(mode="fill", fill_value=0), tiny))
        if first is not None and kept is not None:
            logits = kept[step] * logits + (1 - kept[step]) * jnp.log(jnp.maximum(first[row], tiny))
        logits = logits - jnp.where(chosen, rates[step] * worth, 0)
        real = row < len(policy)
        most = jnp.where(real, logits, -jnp.inf).max()
        weights = jnp.where(real, jnp.exp(logits - most), 0)
        total = weights.sum()
        worth = jnp.where(visit.real[step], -(most + jnp.log(total)) / rates[step], worth)
        where = jnp.where(visit.real[step], row, len(policy))
        policy = policy.at[where].set(weights / total, mode="drop")
    return policy


def _checked(name: str, rate: float, exploration: float | None) -> float:
    explored = 0.05 * rate if exploration is None else exploration
    if not (rate > 0 and explored > 0 and np.isfinite(rate + explored)):
        raise UserError(f"{name}: rate={rate}, exploration={exploration}; allowed: above 0")
    return explored
