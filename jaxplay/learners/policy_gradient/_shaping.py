"""What an exploiter learns from its opponent's own estimates, without search (arXiv 2311.17190)."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import MinimaxConfig
from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.learners.policy_gradient._decisions import Estimates
from jaxplay.perspective import perspective
from jaxplay.rollout import Trajectory

FORMS = ("none", "target", "edge")


class Hints(NamedTuple):
    """What the opponent thinks at its next move, as the learner hopes for it; leaves `(T, M)`.

    Attributes:
        value: float32, for the player of each row, scaled.
        known: bool, the opponent moved behind the learner's move, before the end of game and trajectory.
    """

    value: Array
    known: Array


def check_form(minimax: MinimaxConfig | None) -> None:
    """Refuse forms that need a search.

    Raises:
        UserError: `potential`.
    """
    if minimax is not None and minimax.form not in FORMS:
        allowed = f"{', '.join(FORMS)} for a learner by policy gradients, which does not search"
        raise UserError(f"minimax.form is {minimax.form!r}; allowed: {allowed}")


def hints_of(game: Game[Any], made: Trajectory, moved: Array) -> Hints:
    """What opponents think right after the learner's moves; rows of others say nothing.

    Args:
        game: of two players and zero sum.
        made: trajectory `(T, M, ...)`; opponents' moves have no weight of the policy.
        moved: `(T, M)` bool, where somebody moved.
    """
    own = moved & (made.policy_weight > 0.0)

    def back(later: tuple[Array, Array], row: Any) -> Any:
        value, ended, mine, theirs = row
        known = later[0] & ~ended
        here = (known | theirs) & ~mine
        ahead = jnp.where(theirs[:, None], value, later[1])
        return (here, ahead), (later[1], known & mine)

    start = jnp.zeros_like(own[0]), jnp.zeros_like(made.value[0])
    rows = (made.value, made.ended, own, moved & ~own)
    frame, known = jax.lax.scan(back, start, rows, reverse=True)[1]
    return Hints((frame * perspective(game, made.player)).sum(-1), known)


def shaped_rewards(game: Game[Any], made: Trajectory, hints: Hints, weight: Array) -> Array:
    """`(T, M, V)`: rewards, and of the learner's moves so much of what their opponents leave to hope for."""
    bonus = weight * jnp.where(hints.known, hints.value, 0.0)
    return made.rewards + bonus[..., None] * perspective(game, made.player)


def mixed(
    game: Game[Any], made: Trajectory, value: Array, hints: Hints, found: Estimates, weight: Array
) -> Estimates:
    """Estimates of which `weight` is what a move earned and what the opponent leaves to hope for.

    Args:
        game: of two players and zero sum.
        made: trajectory `(T, M, ...)`.
        value: `(T, M)`, what the movers thought of their positions.
        hints: of the same moves.
        found: of the same moves.
        weight: `()` float32.
    """
    share = weight * hints.known
    hoped = (made.rewards * perspective(game, made.player)).sum(-1) + hints.value
    advantage = (1.0 - share) * found.advantage + share * (hoped - value)
    target = (1.0 - share) * found.target + share * hoped
    return found._replace(advantage=jnp.where(found.known, advantage, 0.0), target=target)
