"""Who trains: the learners of a configuration, each with the settings that it lives by.

Plain self-play is a league of one learner that meets only itself, an exploiter a league of one learner and
one frozen player.
"""

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

from jaxplay.config import ExploiterConfig, LeagueConfig, MemberConfig, TrainingConfig
from jaxplay.league import LEAGUE_EXPLOITER, MAIN_AGENT, MAIN_EXPLOITER


class Member(NamedTuple):
    """One learner.

    Attributes:
        name: `main`, `main_exploiter` or `league_exploiter`; from the second of a kind, with its number.
        kind: see `jaxplay.league.KINDS`.
        rules: as configured; None where it meets only itself.
        training: what would make a learner without a league do the same.
    """

    name: str
    kind: int
    rules: MemberConfig | None
    training: TrainingConfig

    @property
    def program_key(self) -> Hashable:
        """What its matches depend on; those of learners with the same run through one program."""
        rules, config = self.rules, self.training
        if rules is None:
            return None
        how = (rules.lanes, rules.selfplay_share, rules.opponent_simulations)
        return (config.search, config.selfplay, *how, rules.models_opponent, rules.minimax)


def members_of(config: TrainingConfig) -> list[Member]:
    """All learners, main agents first."""
    if config.exploiter is not None:
        return [_exploiter(config, config.exploiter)]
    if config.league is None:
        return [Member("main", MAIN_AGENT, None, config)]
    kinds = {
        "main": (MAIN_AGENT, config.league.main_agents),
        "main_exploiter": (MAIN_EXPLOITER, config.league.main_exploiters),
        "league_exploiter": (LEAGUE_EXPLOITER, config.league.league_exploiters),
    }
    return [
        Member(name if number == 1 else f"{name}_{number}", kind, rules, _alone(config, rules))
        for name, (kind, rules) in kinds.items()
        for number in range(1, rules.count + 1)
    ]


def learner_names(config: TrainingConfig) -> tuple[str, ...]:
    """The learners of a configuration, in the order of `TrainState.learners`; without a league `main`."""
    return tuple(member.name for member in members_of(config))


def _exploiter(config: TrainingConfig, exploiter: ExploiterConfig) -> Member:
    rules = MemberConfig(
        lanes=1,
        opponent_simulations=exploiter.opponent_simulations,
        models_opponent=exploiter.models_opponent,
        minimax=exploiter.minimax,
    )
    return Member("main", MAIN_EXPLOITER, rules, replace(config, exploiter=None))


def _alone(config: TrainingConfig, rules: MemberConfig) -> TrainingConfig:
    """The configuration with what its rules say instead; 0 says nothing."""
    own = rules.search or config.search
    return replace(
        config,
        league=None,
        search=replace(own, num_simulations=rules.simulations or own.num_simulations),
        selfplay=replace(config.selfplay, num_matches=rules.matches or config.selfplay.num_matches),
        learner=config.learner.as_member(
            num_updates=rules.updates,
            replay_positions=rules.replay_positions,
            models_opponent=rules.models_opponent,
        ),
    )


def periods_of(league: LeagueConfig, max_plies: int) -> tuple[int, int]:
    """Plies that a lane keeps its opponent, and those in which a game ends for certain."""
    return league.period_plies or 4 * max_plies, league.horizon_plies or 2 * max_plies
