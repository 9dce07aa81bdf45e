"""What a policy earns and gives away in a game in sequence form, by a table of its information sets.

All functions are for `jit`, and for `vmap` over tables `(I, A)`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError
from jaxplay.solve._sequence_form import Form, Plans, SequenceForm

ASKED_AT_ONCE = 4096
"""The number of information sets in one call of a policy."""
SLACK = 1e-3
"""By so much the probabilities of a policy may miss one."""

AskPolicy = Callable[[Any, Any], Array]
"""`(params, states (B, ...)) -> (B, A)`: weights of actions, at least 0; illegal ones do not matter."""


class Gaps(NamedTuple):
    """What a policy that plays all seats gives away; see `jaxplay.solve.Exploitability`.

    Attributes:
        exploitability: `()`.
        best_responses: `(P,)`.
        values: `(P,)`.
    """

    exploitability: Array
    best_responses: Array
    values: Array


class Reach(NamedTuple):
    """How likely it is that play comes by.

    Attributes:
        histories: `(H,)`, the probability of each history.
        infosets: `(I,)`, of each information set: the sum over its histories.
    """

    histories: Array
    infosets: Array


def gaps(form: Form, table: Array) -> Gaps:
    """Exploitability of a policy that plays all seats, for any number of players."""
    return gaps_of_plans(form, form.plans(form.split(table)))


def gaps_of_plans(form: Form, plans: Plans) -> Gaps:
    """As `gaps`, of realization plans: also those of mixtures that sample a policy before each game."""
    gains = [form.gains(player, plans) for player in range(form.num_players)]
    values = jnp.stack([(gain * plan).sum() for gain, plan in zip(gains, plans, strict=True)])
    best = jnp.stack([t.best(gain)[1] for t, gain in zip(form.treeplexes, gains, strict=True)])
    return Gaps((best - values).sum() / form.num_players, best, values)


def respond(form: Form, table: Array, player: int) -> Array:
    """`(I, A)`: `table` where `player` plays best against the policy of the others instead."""
    policies = form.split(table)
    best = form.treeplexes[player].greedy(form.gains(player, form.plans(policies)))
    return form.table((*policies[:player], best, *policies[player + 1 :]))


def reach(form: SequenceForm, table: Array) -> Reach:
    """The probability of every history and information set, where all players follow `table`."""
    tree, probs = form.tree, history_reach(form, table)
    at = np.flatnonzero(tree.decides)
    return Reach(probs, jax.ops.segment_sum(probs[at], tree.infoset[at], tree.num_infosets))


def history_reach(form: SequenceForm, table: Array, *, of_mover: bool = True) -> Array:
    """`(H,)`: the probability of each history; without that of its mover's own moves unless `of_mover`."""
    tree, plans = form.tree, form.plans(form.split(table))
    probs = jnp.asarray(tree.chance, plans[0].dtype)
    for player, plan in enumerate(plans):
        own = plan[form.sequences[:, player]]
        probs = probs * (own if of_mover else jnp.where(tree.player == player, 1, own))
    return probs


def expected_returns(form: SequenceForm, table: np.ndarray, *, trembling: float = 1e-6) -> np.ndarray:
    """`(I, P)` float64: what each player can expect of the rest of the game, by what the mover knows.

    Args:
        form: the game.
        table: `(I, A)`, the policy of all players.
        trembling: by such a share everybody plays at random, so that every information set is reached.
    """
    tree, even = form.tree, form.tree.legal / form.tree.legal.sum(axis=1, keepdims=True)
    with jax.enable_x64(True):
        mixed = jnp.asarray((1 - trembling) * table + trembling * even)
        probs = np.asarray(jax.jit(lambda table: reach(form, table).histories)(mixed))
    below, so_far = np.zeros((tree.num_histories, form.num_players)), tree.rewards.copy()
    for level in tree.slices()[1:]:
        so_far[level] += so_far[tree.parent[level]]
    for level in reversed(tree.slices()):
        below[level] += np.where(tree.terminated[level, None], probs[level, None] * so_far[level], 0.0)
        if level.start > 0:
            np.add.at(below, tree.parent[level], below[level])
    at = np.flatnonzero(tree.decides)
    total, weight = np.zeros((tree.num_infosets, form.num_players)), np.zeros(tree.num_infosets)
    np.add.at(total, tree.infoset[at], below[at] - probs[at, None] * so_far[at])
    np.add.at(weight, tree.infoset[at], probs[at])
    return total / weight[:, None]


def mixture(form: Form, tables: Array, weights: Array) -> Plans:
    """The realization plans of a player who samples one of M policies `(M, I, A)` before each game.

    By Kuhn's theorem it plays like the mean plan, as nobody forgets what it did itself.

    Args:
        form: the game.
        tables: the policies.
        weights: `(M,)` probabilities.
    """
    plans = jax.vmap(lambda table: form.plans(form.split(table)))(tables)
    return tuple(jnp.tensordot(weights.astype(plan.dtype), plan, axes=1) for plan in plans)


def table_of_plans(form: Form, plans: Plans) -> Array:
    """`(I, A)`: the policy that plays like `plans`; uniform where its owner never comes."""
    return form.table(tuple(t.policy(plan) for t, plan in zip(form.treeplexes, plans, strict=True)))


def asked(form: Form, ask: AskPolicy, *, batch: int = ASKED_AT_ONCE) -> Callable[[Any], Array]:
    """A function `params -> (I, A)` float32 for `jit` and `vmap`: a policy at all information sets.

    Args:
        form: the game.
        ask: the policy. Where it gives no weight to any legal action, all are equally likely.
        batch: the number of information sets in one call of it.
    """
    tree, size = form.tree, min(batch, form.tree.num_infosets)
    filled = np.resize(np.arange(tree.num_infosets), (-(-tree.num_infosets // size), size))
    states = jax.tree.map(lambda x: x[filled], tree.states)
    evenly = tree.legal / tree.legal.sum(axis=1, keepdims=True)

    def table(params: Any) -> Array:
        weights = jax.lax.map(lambda part: ask(params, part), states)
        weights = weights.reshape(-1, weights.shape[-1])[: tree.num_infosets, : tree.legal.shape[1]]
        weights = jnp.where(tree.legal, weights, 0.0)
        total = weights.sum(axis=1, keepdims=True)
        return jnp.where(total > 0.0, weights / jnp.where(total > 0.0, total, 1.0), evenly)

    return table


def checked_table(form: Form, policy: Callable[[Any], Array] | np.ndarray | Array) -> np.ndarray:
    """`(I, A)` float64: the probabilities of legal actions, which add up to one.

    Args:
        form: the game.
        policy: a table, or `states (B, ...) -> (B, A)` probabilities, which is asked about a history of each
            information set.

    Raises:
        UserError: it has another shape, is not finite, is negative or does not add up to one.
    """
    probs = np.asarray(_ask(form, policy) if callable(policy) else policy, np.float64)
    shape = form.tree.legal.shape
    if probs.shape != shape:
        raise UserError(f"the policy's table has shape {probs.shape}; allowed: {shape}")
    legal = np.where(form.tree.legal, probs, 0.0)
    total = legal.sum(axis=1, keepdims=True)
    good = np.isfinite(legal).all(axis=1) & (legal >= 0).all(axis=1) & (abs(total - 1)[:, 0] <= SLACK)
    if not good.all():
        worst = int(np.argmin(good))
        told = ", ".join(f"{x:.4g}" for x in probs[worst][form.tree.legal[worst]][:8])
        raise UserError(
            f"the policy is no distribution at {int((~good).sum())} of {len(good)} information sets, such as"
            f" number {worst}: {told}; allowed: numbers of at least 0 that add up to 1"
        )
    return legal / total


def _ask(form: Form, policy: Callable[[Any], Array]) -> np.ndarray:
    ask, states = jax.jit(policy), form.tree.states
    parts, total = [], form.tree.num_infosets
    for start in range(0, total, ASKED_AT_ONCE):
        place = np.minimum(np.arange(start, start + min(ASKED_AT_ONCE, total)), total - 1)
        parts.append(np.asarray(ask(jax.tree.map(lambda x, i=place: x[i], states))))
    return np.concatenate(parts)[:total]


def weights_of(members: Sequence[Any], weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """`(M,)` float64: the shares of a mixture's members.

    Raises:
        ValueError: the weights do not fit.
    """
    share = np.asarray(weights, float)
    if share.shape != (len(members),) or not (share >= 0).all() or not share.sum() > 0:
        raise ValueError(f"weights are {weights}; allowed: {len(members)} numbers of at least 0, not all 0")
    return share / share.sum()
