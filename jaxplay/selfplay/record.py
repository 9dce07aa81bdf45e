"""What self-play writes down of a ply, and what it sums up."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, strip
from jaxplay.perspective import frame_of_rewards, frame_of_view
from jaxplay.rollout import Trajectory
from jaxplay.search import SearchOutput, Tree
from jaxplay.selfplay.match import Match
from jaxplay.struct import replace


class Found(NamedTuple):
    """What self-play uses of a search of B positions; fields as in `SearchOutput`."""

    action: Array
    action_weights: Array
    value: Array
    prior: Array
    depth: Array
    tree: Tree | None
    opponent_value: Array | None = None
    opponent_known: Array | None = None


class Ply(NamedTuple):
    """What came of one ply of B matches.

    Attributes:
        moves: leaves `(B, ...)`.
        depth: `()` float32, mean depth of the searches.
        surprise: `(B,)` float32, see `surprise_of`; None where nobody asks.
        resigned: `(B,)` bool; None where nobody resigns, as the next two.
        tested: `(B,)` bool, see `jaxplay.selfplay.resignation.was_wrong`.
        wrong: `(B,)` bool, as before.
    """

    moves: Trajectory
    depth: Array
    surprise: Array | None = None
    resigned: Array | None = None
    tested: Array | None = None
    wrong: Array | None = None


def read(output: SearchOutput, *, keep_tree: bool) -> Found:
    """What self-play uses of a search, its tree only where it is kept."""
    tree = output.tree if keep_tree else None
    return Found(
        action=output.action,
        action_weights=output.action_weights,
        value=output.value,
        prior=output.prior,
        depth=output.depth,
        tree=tree,
        opponent_value=output.opponent_value,
        opponent_known=output.opponent_known,
    )


def record(
    game: Game[Any], match: Match, found: Found, action: Array, log_prob: Array, after: Any, endings: bool
) -> Trajectory:
    """The moves of one ply, all of weight 1; `after` are the states behind them."""
    legal = match.state.legal_action_mask[:, : game.num_actions]
    player = match.state.current_player
    weight = jnp.ones_like(found.depth)
    return Trajectory(
        state=strip(match.state),
        player=player,
        action=action,
        policy_target=jnp.where(legal, found.action_weights, -1.0),
        log_prob=log_prob,
        value=frame_of_view(game, found.value, player),
        rewards=frame_of_rewards(game, after.rewards),
        terminated=after.terminated,
        truncated=~after.terminated & (match.ply + 1 >= game.max_plies),
        policy_weight=weight,
        value_weight=weight,
        final=strip(after) if endings else None,
    )


def surprise_of(found: Found) -> Array:
    """`(B,)`: Kullback-Leibler divergence from the root's prior to what the search made of it, in nats.

    The prior is that which the search started from, noise included, as in KataGo.
    """
    target = found.action_weights
    ratio = jnp.log(jnp.maximum(target, 1e-9)) - jnp.log(jnp.maximum(found.prior, 1e-9))
    return jnp.maximum((target * ratio).sum(-1), 0.0)


def weigh_by_surprise(moves: Trajectory, surprise: Array, share: float) -> Trajectory:
    """Policy-surprise weighting (KataGo's documentation of its methods).

    Of all weight of the moves with a policy target, `share` is handed out in proportion to `surprise`
    `(T, B)`, the rest evenly; their mean weight stays what it was. Both losses follow.
    """
    learned = (moves.policy_weight > 0.0).astype(jnp.float32)
    mean = (surprise * learned).sum() / jnp.maximum(learned.sum(), 1.0)
    relative = jnp.where(mean > 0.0, surprise / jnp.maximum(mean, 1e-9), 1.0)
    factor = jnp.where(learned > 0.0, 1.0 - share + share * relative, 1.0)
    return replace(
        moves, policy_weight=moves.policy_weight * factor, value_weight=moves.value_weight * factor
    )


def totals(plies: Ply) -> dict[str, Array]:
    """Sums over one call, float32 scalars, for `summary`. Leaves of `plies` are `(T, ...)`."""
    moves, size = plies.moves, plies.moves.player.size
    found = {
        "games": (moves.terminated | moves.truncated).sum().astype(jnp.float32),
        "positions": jnp.float32(size),
        "truncated": moves.truncated.sum().astype(jnp.float32),
        "first_player_rewards": moves.rewards[..., 0].sum(),
        "search_depth": plies.depth.mean() * size,
    }
    options = {"resigned": plies.resigned, "resign_tests": plies.tested, "resign_errors": plies.wrong}
    counted = {name: flags for name, flags in options.items() if flags is not None}
    return found | {name: flags.sum().astype(jnp.float32) for name, flags in counted.items()}


def summary(totals: dict[str, Array]) -> dict[str, Array]:
    """Metrics of self-play from the sums that `SelfPlay.play` returns, added up over shards.

    With resignation, `resigned` is the share of games given up, and `resign_errors` the share of
    `resign_tests` control games in which somebody would have been wrong to do so (nan if there are none).
    """
    games = jnp.maximum(totals["games"], 1.0)
    found = {
        "games": totals["games"],
        "positions": totals["positions"],
        "truncated": totals["truncated"],
        "plies_per_game": totals["positions"] / games,
        "first_player_score": totals["first_player_rewards"] / games,
        "search_depth": totals["search_depth"] / totals["positions"],
    }
    if "learned" in totals:
        found["learned_share"] = totals["learned"] / totals["positions"]
    if "resigned" in totals:
        found["resigned"] = totals["resigned"] / games
        found["resign_tests"] = totals["resign_tests"]
        found["resign_errors"] = totals["resign_errors"] / totals["resign_tests"]
    return found
