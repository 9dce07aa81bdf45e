"""What a rollout writes down of a ply, and what it sums up."""

from typing import Any

import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, strip
from jaxplay.perspective import frame_of_rewards, frame_of_view
from jaxplay.policies import Decision
from jaxplay.rollout.episode import is_cut
from jaxplay.rollout.matches import EpisodeState
from jaxplay.rollout.sanity import LAWS
from jaxplay.rollout.trajectory import Trajectory
from jaxplay.struct import replace


def record(
    game: Game[Any], episodes: EpisodeState, decision: Decision, after: Any, *, endings: bool
) -> Trajectory:
    """One ply of all matches, as if all moved and all were learned; `after` are the states then."""
    player = episodes.state.current_player
    weight = jnp.ones(player.shape, jnp.float32)
    return Trajectory(
        state=strip(episodes.state),
        player=player,
        action=decision.action,
        legal_action_mask=episodes.state.legal_action_mask[:, : game.num_actions],
        policy_target=decision.policy_target,
        log_prob=decision.log_prob,
        value=frame_of_view(game, decision.value, player),
        rewards=frame_of_rewards(game, after.rewards),
        terminated=after.terminated,
        truncated=is_cut(game, after.terminated, episodes.ply + 1),
        policy_weight=weight * decision.policy_weight,
        value_weight=weight,
        final=strip(after) if endings else None,
        opponent_value=decision.opponent_value,
        opponent_known=_replied(game, episodes.state, decision, after),
    )


def _replied(game: Game[Any], before: Any, decision: Decision, after: Any) -> Array | None:
    """Where the modelled opponent was really to move after the move; nowhere behind chance."""
    if decision.opponent_known is None:
        return None
    replied = (after.current_player != before.current_player) & ~after.terminated
    return decision.opponent_known & replied & (game.num_chance_outcomes == 0)


def only(made: Trajectory, moved: Array, learns: Array, teaches_value: Array) -> Trajectory:
    """A ply in which some matches waited.

    Args:
        made: as if all had moved.
        moved: `(M,)` bool, what happened.
        learns: `(M,)` bool, whose policy is to be learned.
        teaches_value: `(M,)` bool, whose value is.
    """
    known = made.opponent_known
    return replace(
        made,
        rewards=jnp.where(moved[:, None], made.rewards, 0.0),
        terminated=made.terminated & moved,
        truncated=made.truncated & moved,
        policy_weight=jnp.where(moved & learns, made.policy_weight, 0.0),
        value_weight=jnp.where(moved & teaches_value, made.value_weight, 0.0),
        opponent_known=None if known is None else known & moved,
    )


def weigh_by_surprise(made: Trajectory, surprise: Array, share: float) -> Trajectory:
    """Policy-surprise weighting (KataGo's documentation of its methods).

    Of all weight of the moves with a policy target, `share` is handed out in proportion to `surprise`
    `(T, M)`, the rest evenly; their mean weight stays what it was. Both losses follow.
    """
    learned = (made.policy_weight > 0.0).astype(jnp.float32)
    mean = (surprise * learned).sum() / jnp.maximum(learned.sum(), 1.0)
    relative = jnp.where(mean > 0.0, surprise / jnp.maximum(mean, 1e-9), 1.0)
    factor = jnp.where(learned > 0.0, 1.0 - share + share * relative, 1.0)
    return replace(made, policy_weight=made.policy_weight * factor, value_weight=made.value_weight * factor)


def summary(totals: dict[str, Array]) -> dict[str, Array]:
    """Metrics from the sums that a rollout returns, added up over shards and rollouts.

    `learned_share` is that of positions whose policy is learned, `utilization` that of places in which
    somebody moved. With resignation, `resigned` is the share of games given up, and `resign_errors` the share
    of `resign_tests` control games in which somebody would have been wrong to do so (nan if there are none).
    What breaks a law of games is counted by the names of `jaxplay.rollout.sanity.LAWS`.
    """
    games, positions = jnp.maximum(totals["games"], 1.0), totals["positions"]
    found = {name: totals[name] for name in ("games", "positions", "truncated", *LAWS)}
    found |= {
        "plies_per_game": positions / games,
        "first_player_score": totals["first_player_rewards"] / games,
        "search_depth": totals["search_depth"] / positions,
        "learned_share": totals["learned"] / positions,
        "utilization": positions / totals["places"],
    }
    if "resigned" in totals:
        found["resigned"] = totals["resigned"] / games
        found["resign_tests"] = totals["resign_tests"]
        found["resign_errors"] = totals["resign_errors"] / totals["resign_tests"]
    return found
