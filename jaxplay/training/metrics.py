"""What a step reports."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.config import TrainingConfig
from jaxplay.league import Changes
from jaxplay.rollout import summary
from jaxplay.training.members import Member
from jaxplay.training.state import Metrics, TrainState


def step_metrics(
    config: TrainingConfig,
    members: list[Member],
    played: Sequence[Any],
    learned: Sequence[Metrics],
    state: TrainState,
    changes: Changes | None,
) -> Metrics:
    """Of all play together, of the first learner by itself, of the others with their names in front."""
    metrics = summary(jax.tree.map(lambda *each: sum(each), *[each.totals for each in played]))
    for member, found, learner in zip(members, learned, state.learners, strict=True):
        own = found | {"updates": learner.updates.astype(jnp.float32)}
        front = "" if member.name == "main" else f"{member.name}."
        metrics |= {front + name: value for name, value in own.items()}
    if config.exploiter is not None:
        metrics |= _against_opponent(played[0].payoff)
    elif changes is not None and state.league is not None:
        present = state.league.population.present
        metrics["frozen"] = (changes.slot < present.shape[0]).sum().astype(jnp.float32)
        metrics["resets"] = changes.reset.sum().astype(jnp.float32)
        metrics["players"] = present.sum().astype(jnp.float32)
    return metrics


def _against_opponent(payoff: Any) -> dict[str, Array]:
    """Of an exploiter's games that ended: the share that was won, and of the points; 0 of none."""
    games, wins, losses = payoff.games[0, 1].sum(), payoff.wins[0, 1].sum(), payoff.wins[1, 0].sum()
    least = jnp.maximum(games, 1.0)
    return {"score": 0.5 * (games + wins - losses) / least, "win_rate": wins / least}
