"""The members of a league: the settings of each, its matches in lanes, and the rules it lives by."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, NamedTuple

from jax import Array

import jaxplay.league as leagues
from jaxplay import search
from jaxplay.config import LeagueConfig, MemberConfig, ResNetConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Params
from jaxplay.game import Game
from jaxplay.league import Matchmaker, Role
from jaxplay.learners import Minimax, weight_at
from jaxplay.selfplay import Find, LanePlay, Temperature, apart, by_halves, lane_play, lanewise, together
from jaxplay.shards import Shards
from jaxplay.training.parts import make_search, make_weights


class Member(NamedTuple):
    """One learner of a league.

    Attributes:
        name: `main`, `main_exploiter` or `league_exploiter`; from the second of a kind, with its number.
        kind: see `jaxplay.league.KINDS`.
        rules: as configured.
        training: what would make a learner without a league do the same.
    """

    name: str
    kind: int
    rules: MemberConfig
    training: TrainingConfig


def members(config: TrainingConfig, league: LeagueConfig) -> list[Member]:
    """All learners of a league, main agents first."""
    kinds = {
        "main": (leagues.MAIN_AGENT, league.main_agents),
        "main_exploiter": (leagues.MAIN_EXPLOITER, league.main_exploiters),
        "league_exploiter": (leagues.LEAGUE_EXPLOITER, league.league_exploiters),
    }
    return [
        Member(name if number == 1 else f"{name}_{number}", kind, rules, _alone(config, rules))
        for name, (kind, rules) in kinds.items()
        for number in range(1, rules.count + 1)
    ]


def learner_names(config: TrainingConfig) -> tuple[str, ...]:
    """The learners of a configuration, in the order of `TrainState.learners`; without a league `main`."""
    if config.league is None:
        return ("main",)
    return tuple(member.name for member in members(config, config.league))


def _alone(config: TrainingConfig, rules: MemberConfig) -> TrainingConfig:
    learner, own = config.learner, rules.search or config.search
    positions = rules.replay_positions or learner.replay_positions
    return replace(
        config,
        league=None,
        search=replace(own, num_simulations=rules.simulations or own.num_simulations),
        selfplay=replace(config.selfplay, num_matches=rules.matches or config.selfplay.num_matches),
        learner=replace(
            learner,
            num_updates=rules.updates or learner.num_updates,
            replay_positions=positions,
            min_positions=min(learner.min_positions, max(positions // 8, 1)),
        ),
    )


def play_of_member(
    member: Member,
    league: LeagueConfig,
    game: Game[Any],
    network: Network,
    shards: Shards,
    other: Network | None = None,
) -> LanePlay:
    """The matches of a learner, in one shard; `other` is the network of its opponents, if it is another one.

    Raises like `jaxplay.selfplay.lane_play`, and UserError where no opponent can be modelled.
    """
    config, rules = member.training, member.rules
    if rules.models_opponent and not (game.num_players == 2 and game.zero_sum):
        allowed = f"False in {config.game}, which is not a game of two players and zero sum"
        raise UserError(f"models_opponent of {member.name} is True; allowed: {allowed}")
    matches, evaluate = config.selfplay.num_matches // shards.count, network.on(game)
    others = (other or network).on(game)
    others = lanewise(others, rules.lanes, matches // 2, loop=_one_by_one(league, config))
    alike = other is None and rules.opponent_simulations in (0, config.search.num_simulations)
    if alike and not rules.models_opponent:
        find = together(make_search(config.search, game, by_halves(evaluate, others, matches)))
        return _in_lanes(config, league, game, find, rules.lanes, matches)
    play = config.selfplay  # whoever is modelled draws its moves where everybody does
    draws = play.temperature_early > 0.0 or play.temperature_late > 0.0
    model = search.Opponent(others, sample=draws, signal=signal_of_member(rules))
    own = make_search(config.search, game, evaluate, opponent=model if rules.models_opponent else None)
    theirs = search.policy(game, others)
    if rules.opponent_simulations >= 0:
        count = rules.opponent_simulations or None
        theirs = make_search(config.search, game, others, num_simulations=count)
    find = apart(own, theirs, models_opponent=rules.models_opponent)
    potential = rules.minimax.form == "potential"
    return _in_lanes(config, league, game, find, rules.lanes, matches, potential=potential)


def signal_of_member(rules: MemberConfig) -> search.Signal | None:
    """What opponents' estimates do inside the search."""
    if rules.minimax.form in ("edge", "potential"):
        return search.Signal(rules.minimax.form, rules.minimax.shift)
    return None


def program_key(member: Member) -> tuple[Hashable, ...]:
    """What the matches of a learner depend on; those of learners with the same run through one program."""
    rules, config = member.rules, member.training
    how = (rules.lanes, rules.opponent_simulations, rules.models_opponent, rules.minimax)
    return (config.search, config.selfplay, *how)


def minimax_of_member(rules: MemberConfig) -> Minimax | None:
    """What opponents' estimates do to what is learned."""
    if rules.minimax.form in ("target", "potential"):
        return Minimax(rules.minimax.form, *rules.minimax.schedule)
    return None


def own_params(member: Member, params: Params, updates: Array) -> Params:
    """What a learner's search takes: its parameters; where it models its opponents, `SearchParams`.

    Those lack the opponents' parameters, and have the weight of a signal after `updates`.
    """
    if not member.rules.models_opponent:
        return params
    signal = signal_of_member(member.rules)
    weight = None if signal is None else weight_at(*member.rules.minimax.schedule, updates)
    return search.SearchParams(params, signal_weight=weight)


def play_of_referees(
    config: TrainingConfig, league: LeagueConfig, game: Game[Any], network: Network, shards: Shards
) -> LanePlay:
    """The matches of frozen players with each other, in one shard; raises like `play_of_member`."""
    rules, matches = league.referees, league.referees.matches // shards.count
    others = lanewise(network.on(game), rules.lanes, matches // 2, loop=_one_by_one(league, config))
    both = by_halves(others, others, matches)
    player = make_search(config.search, game, both, num_simulations=rules.simulations or None, noise=False)
    return _in_lanes(config, league, game, together(player), rules.lanes, matches)


def _in_lanes(
    config: TrainingConfig,
    league: LeagueConfig,
    game: Game[Any],
    find: Find,
    lanes: int,
    matches: int,
    *,
    potential: bool = False,
) -> LanePlay:
    play = config.selfplay
    return lane_play(
        game,
        find,
        num_lanes=lanes,
        num_matches=matches,
        num_plies=play.num_plies,
        period=period_of(league, game),
        horizon=league.horizon_plies,
        temperature=Temperature(play.temperature_early, play.temperature_late, play.temperature_plies),
        max_opening_plies=play.max_opening_plies,
        endings=make_weights(config, game).endings,
        potential=potential,
    )


def period_of(league: LeagueConfig, game: Game[Any]) -> int:
    """Plies that a lane keeps its opponent."""
    return league.period_plies or 4 * game.max_plies


def _one_by_one(league: LeagueConfig, config: TrainingConfig) -> bool:
    """Whether the networks of lanes run one after the other."""
    if league.lane_networks == "auto":
        return isinstance(config.network, ResNetConfig)
    return league.lane_networks == "loop"


def role_of_member(member: Member) -> Role:
    """When it is frozen, and what happens then."""
    rules = member.rules
    return Role(
        member.kind,
        rules.min_steps,
        rules.max_steps,
        threshold=rules.threshold,
        confidence=rules.confidence,
        min_games=rules.min_games,
        measure=rules.measure,
        reset=rules.reset,
        adaptive=rules.adaptive,
    )


def matchmakers_of_members(found: list[Member], league: LeagueConfig) -> list[Matchmaker]:
    """The matchmaker of each learner.

    Raises:
        UserError: there is no such matchmaker.
    """
    return leagues.make_matchmakers(
        [member.rules.matchmaking for member in found],
        [member.kind for member in found],
        solve_every=league.solve_every,
        uniform_share=league.uniform_share,
    )
