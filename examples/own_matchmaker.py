"""A matchmaker of one's own, in a league.

A matchmaker gives each learner probabilities over opponents. This one has a state: it counts the games
between all players, and prefers frozen players that the learner has met least, as upper confidence bounds do.
Run: python examples/own_matchmaker.py
"""

from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import Array

import jaxplay
from jaxplay import league
from jaxplay.config import LeagueConfig, MemberConfig, RefereeConfig
from jaxplay.league import Matchmaker, Payoff, Standings
from jaxplay.presets import preset


def curious(bonus: float = 1.0, sharpness: float = 8.0) -> Matchmaker:
    """Frozen players that beat the learner, or that it has not met often."""

    def init(num_learners: int, num_players: int) -> Array:
        return jnp.zeros((num_learners, num_players))

    def update(games: Array, standings: Standings, fresh: Payoff) -> Array:
        return games + league.num_games(fresh)[: games.shape[0]]

    def opponents(games: Array, standings: Standings, learner: Array) -> Array:
        met = games[learner]
        value = 1.0 - standings.score[learner] + bonus * jnp.sqrt(jnp.log1p(met.sum()) / (1.0 + met))
        weights = jnp.where(standings.frozen, jnp.exp(sharpness * value), 0.0)
        return weights / weights.sum()  # somebody is always frozen: slot 0 is

    def forget(games: Array, restarted: Array) -> Array:
        return jnp.where(restarted[:, None], 0.0, games)

    return Matchmaker(init, update, opponents, forget)


def main(num_steps: int = 40) -> None:
    """Train a small league on tic-tac-toe, whose only learner meets opponents by `curious`."""
    league.register("curious", curious())
    nobody = MemberConfig(count=0)
    agent = MemberConfig(matchmaking="curious", lanes=2, min_steps=5, max_steps=10)
    members = LeagueConfig(agent, nobody, nobody, RefereeConfig(matches=0), slots=4)
    config = preset("tic_tac_toe", "quick").training
    training = jaxplay.make_training(replace(config, league=members))
    state = jax.jit(training.init)(jax.random.key(0))
    step = jaxplay.compile_step(training)
    for _ in range(num_steps):
        state, _ = step(state)
    (games,) = state.league.matchmaking[0][0]
    print("games with each player, the learner itself first:", games.astype(int))


if __name__ == "__main__":
    main()
