"""Each player's own decisions: what was earned from one to the next, and those still without a sequel."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game
from jaxplay.perspective import perspective, view_of_frame
from jaxplay.rollout import Trajectory
from jaxplay.struct import pytree, replace


@pytree
class Decisions:
    """Decisions of M matches; every leaf has leading axes `(R, M)`.

    Attributes:
        state: stripped, as in a trajectory.
        player: int32, who decided.
        action: int32.
        legal_action_mask: `(..., A)` bool.
        behavior: `(..., A)` float32, the probabilities with which the action was sampled.
        log_prob: float32, the logarithm of that of the action.
        value: float32, what the decider thought its own sequel to be worth, scaled.
        weight: float32, of the decision in the losses; 0 where it is not the learner's.
    """

    state: Any
    player: Array
    action: Array
    legal_action_mask: Array
    behavior: Array
    log_prob: Array
    value: Array
    weight: Array


@pytree
class Pending:
    """The last decision of each player in each match whose game goes on; leading axes `(P, M)`.

    Attributes:
        decisions: of weight 0 where there is none.
        earned: float32, what its player earned since, scaled.
    """

    decisions: Decisions
    earned: Array


class Sequel(NamedTuple):
    """What follows a point of M matches, for each player; leaves `(M, P)`.

    Attributes:
        known: bool, whether there is a next decision of the player's own, or the end of the game.
        value: float32, of that decision; 0 at the end of the game.
        earned: float32, until then.
        trace: float32, corrections of that decision's value by what followed it.
    """

    known: Array
    value: Array
    earned: Array
    trace: Array


class Estimates(NamedTuple):
    """What decisions came to; leaves as those of `Decisions.weight`.

    Attributes:
        advantage: float32, how much better than expected; 0 where it is not known.
        target: float32, what the value is to be.
        known: bool, whether a sequel is known.
    """

    advantage: Array
    target: Array
    known: Array


def decisions_of(game: Game[Any], made: Trajectory) -> Decisions:
    """The decisions of a trajectory, one at each ply of each match."""
    value = view_of_frame(game, made.value, made.player)
    return Decisions(
        state=made.state,
        player=made.player,
        action=made.action,
        legal_action_mask=made.legal_action_mask,
        behavior=made.policy_target,
        log_prob=made.log_prob,
        value=value if value.ndim == made.player.ndim else value[..., 0],
        weight=made.policy_weight,
    )


def rewards_by_player(game: Game[Any], rewards: Array) -> Array:
    """`(..., P)`: rewards `(..., V)` of the fixed frame, for each player."""
    weights = perspective(game, jnp.arange(game.num_players))
    return jnp.einsum("...v,pv->...p", rewards, weights)


def nothing_pending(game: Game[Any], example: Trajectory) -> Pending:
    """No decision in any match; `example` is a trajectory of arrays or shapes `(T, M, ...)`."""
    one = jax.eval_shape(lambda made: decisions_of(game, made), example)
    players = game.num_players
    blank = jax.tree.map(lambda leaf: jnp.zeros((players, *leaf.shape[1:]), leaf.dtype), one)
    return Pending(blank, jnp.zeros((players, example.player.shape[1]), jnp.float32))


def estimate(
    rewards: Array,
    decisions: Decisions,
    terminated: Array,
    truncated: Array,
    *,
    decay: float,
    discount: float,
    ratio: Array | None = None,
) -> tuple[Estimates, Sequel]:
    """Generalized advantage estimation over each player's own decisions (Schulman et al. 2016).

    Between two decisions of a player lie those of others: what the player earns there belongs to its first.
    The last decisions before the end of the arrays, or before a cut, have no sequel; their values stand for
    what follows the decisions before them.

    With `ratio` estimates are corrected as by V-trace (Espeholt et al. 2018): temporal differences count
    `min(1, ratio)`, and so do traces. An advantage is that of the action that was made, so that its own
    ratio is left to the loss. Where all ratios are 1 both are the same.

    Args:
        rewards: `(T, M, P)` float32.
        decisions: leaves `(T, M, ...)`; of others, or of nobody, where `weight` is 0.
        terminated: `(T, M)` bool.
        truncated: `(T, M)` bool.
        decay: of traces, lambda.
        discount: from one own decision to the next.
        ratio: `(T, M)` float32, probability of each action now over that when it was made; None: all 1.

    Returns:
        Estimates `(T, M)`, and what follows the beginning of the arrays.
    """
    players = rewards.shape[-1]
    heed = jnp.ones_like(decisions.value) if ratio is None else jnp.minimum(ratio, 1.0)

    def back(later: Sequel, row: Any) -> tuple[Sequel, Estimates]:
        reward, player, value, weight, over, cut, heeded = row
        later = _begin_again(later, over, cut)
        later = later._replace(earned=later.earned + reward)
        mine = (jax.nn.one_hot(player, players) > 0.0) & (weight > 0.0)[:, None]
        known, follow, earned, trace = (jnp.where(mine, leaf, 0).sum(-1) for leaf in later)
        known, change = known > 0, earned + discount * follow - value
        corrected = jnp.where(known, heeded * (change + discount * decay * trace), 0.0)
        advantage = jnp.where(known, change + discount * decay * trace, 0.0)
        found = Estimates(advantage, value + corrected, known)
        here = Sequel(
            known=later.known | mine,
            value=jnp.where(mine, value[:, None], later.value),
            earned=jnp.where(mine, 0.0, later.earned),
            trace=jnp.where(mine, corrected[:, None], later.trace),
        )
        return here, found

    zero = jnp.zeros_like(rewards[0])
    end = Sequel(zero.astype(bool), zero, zero, zero)
    rows = (rewards, decisions.player, decisions.value, decisions.weight, terminated, truncated, heed)
    sequel, found = jax.lax.scan(back, end, rows, reverse=True)
    return found, sequel


def _begin_again(later: Sequel, over: Array, cut: Array) -> Sequel:
    """Before the end of a game nothing follows, for certain; before a cut nobody knows what."""
    ended = (over | cut)[:, None]
    rest = (jnp.where(ended, 0.0, leaf) for leaf in later[1:])
    return Sequel(jnp.where(ended, over[:, None], later.known), *rest)


def settle(pending: Pending, sequel: Sequel, *, decay: float, discount: float) -> Estimates:
    """What pending decisions came to, `(P, M)`, by what follows them at the beginning of a trajectory."""
    known, value, earned, trace = (leaf.T for leaf in sequel)
    known = known & (pending.decisions.weight > 0.0)
    change = pending.earned + earned + discount * value - pending.decisions.value
    advantage = jnp.where(known, change + discount * decay * trace, 0.0)
    return Estimates(advantage, pending.decisions.value + advantage, known)


def still_pending(before: Pending, decisions: Decisions, rewards: Array, ended: Array) -> Pending:
    """The last decisions in games that go on after a trajectory.

    Args:
        before: those before it.
        decisions: of it, leaves `(T, M, ...)`.
        rewards: `(T, M, P)` float32.
        ended: `(T, M)` bool.
    """
    plies, matches = ended.shape
    number = jnp.arange(plies)[:, None]
    began = jnp.where(ended, number, -1).max(0) + 1
    own = (decisions.weight > 0.0) & (number >= began[None])
    mine = (jax.nn.one_hot(decisions.player, rewards.shape[-1], axis=0) > 0.0) & own[None]
    last = jnp.where(mine, number[None], -1).max(1)
    decided, waits = last >= 0, (last < 0) & (began == 0)[None]
    rows = jax.tree.map(lambda leaf: leaf[jnp.maximum(last, 0), jnp.arange(matches)[None]], decisions)

    def choose(new: Array, old: Array) -> Array:
        return jnp.where(decided.reshape(*decided.shape, *[1] * (new.ndim - 2)), new, old)

    kept = jax.tree.map(choose, rows, before.decisions)
    kept = replace(kept, weight=jnp.where(decided | waits, kept.weight, 0.0))
    since = (number[None] >= jnp.maximum(last, 0)[:, None]) * rewards.transpose(2, 0, 1)
    earned = since.sum(1) + jnp.where(decided, 0.0, before.earned)
    return Pending(kept, jnp.where(kept.weight > 0.0, earned, 0.0))
