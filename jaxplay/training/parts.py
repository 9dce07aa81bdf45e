"""What training is made of: learners, how each of them plays, and the league's rules."""

from functools import lru_cache
from typing import Any, NamedTuple

import optax

from jaxplay.config import LeagueConfig, RefereeConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network
from jaxplay.game import Game, make
from jaxplay.league import League, fixed_league, make_league, make_matchmakers, role_of
from jaxplay.learners import Learner, Prefer, Setting, build_learner, by_preference
from jaxplay.networks import build_network
from jaxplay.rollout import Periods, Rollout
from jaxplay.rollout.lanes import NEVER
from jaxplay.shards import Shards
from jaxplay.training.matches import matches_of_member, matches_of_referees
from jaxplay.training.members import Member, members_of, periods_of

FIXED = LeagueConfig(period_plies=NEVER, referees=RefereeConfig(matches=0))
"""Of an exploiter: its opponent stays for ever, so that every game counts."""


class Parts(NamedTuple):
    """What training is made of.

    Attributes:
        game: that is played.
        members: its L learners.
        learners: how each learns.
        rollouts: how each plays; after them the referees, if there are any.
        networks: the learners' and their opponents'.
        league: the rules; None in plain self-play.
        every: of each rollout, steps from one in which it is played to the next.
        periods: how long opponents stay.
        live_opponents: whether learners may meet each other.
        shards: how matches are divided.
    """

    game: Game[Any]
    members: list[Member]
    learners: list[Learner]
    rollouts: list[Rollout]
    networks: tuple[Network, Network]
    league: League | None
    every: list[int]
    periods: Periods
    live_opponents: bool
    shards: Shards


def make_game(config: TrainingConfig) -> Game[Any]:
    """The game that a configuration names; built once, however often it is asked for."""
    return _built_game(config.game, config.game_options)


@lru_cache(maxsize=64)
def _built_game(name: str, options: tuple[tuple[str, Any], ...]) -> Game[Any]:
    return make(name, **dict(options))


def make_parts(
    config: TrainingConfig,
    shards: Shards,
    network: Network | None,
    optimizer: optax.GradientTransformation | None,
    prefer: Prefer | None,
) -> Parts:
    """The parts that `config` names; see `make_training`."""
    game = make_game(config)
    own = build_network(config.network, game) if network is None else network
    networks = own, own
    if config.exploiter is not None and config.exploiter.opponent_network not in (None, config.network):
        networks = own, build_network(config.exploiter.opponent_network, game)
    rules = FIXED if config.exploiter is not None else config.league or LeagueConfig()
    members = members_of(config)
    learners = [_learner(member, game, own, shards, optimizer) for member in members]
    if prefer is not None:
        learners = [_preferring(config, learner, game, prefer, shards) for learner in learners]
    rollouts = [
        matches_of_member(member, rules, game, networks, learner, shards.count)
        for member, learner in zip(members, learners, strict=True)
    ]
    league = None
    if config.exploiter is not None:
        league = fixed_league()
    elif config.league is not None:
        league = _league(members, config.league)
        if rules.referees.matches:
            rollouts.append(matches_of_referees(config, rules, game, own, learners[0], shards.count))
    every = [1 if member.rules is None else member.rules.every for member in members]
    every += [rules.referees.every] * (len(rollouts) - len(members))
    periods = Periods(*periods_of(rules, game.max_plies))
    live = config.league is not None
    return Parts(game, members, learners, rollouts, networks, league, every, periods, live, shards)


def _learner(
    member: Member,
    game: Game[Any],
    network: Network,
    shards: Shards,
    optimizer: optax.GradientTransformation | None,
) -> Learner:
    rules, training = member.rules, member.training
    minimax = rules.minimax if rules is not None and rules.models_opponent else None
    setting = Setting(training, game, network, minimax, rules is not None, shards, optimizer)
    return build_learner(training.learner, setting)


def _preferring(
    config: TrainingConfig, learner: Learner, game: Game[Any], prefer: Prefer, shards: Shards
) -> Learner:
    if config.learner.searches or config.league is not None or config.exploiter is not None:
        raise UserError("preferences are for self-play of a learner that does not search")
    return by_preference(learner, game, prefer, shards=shards)


def _league(members: list[Member], rules: LeagueConfig) -> League:
    known = [(member.kind, member.rules) for member in members if member.rules is not None]
    roles = [role_of(kind, own) for kind, own in known]
    matchmakers = make_matchmakers(
        [own.matchmaking for _, own in known],
        [kind for kind, _ in known],
        solve_every=rules.solve_every,
        uniform_share=rules.uniform_share,
    )
    return make_league(roles, matchmakers, rules.slots, decay=rules.decay)
