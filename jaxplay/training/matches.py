"""The matches of each learner, and of referees: who decides, in which batches, with which parameters."""

from typing import Any

from jax import Array

from jaxplay import search
from jaxplay.config import LeagueConfig, MemberConfig, MinimaxConfig, ResNetConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Evaluate, Network, Params
from jaxplay.game import Game
from jaxplay.learners import Learner, weight_at
from jaxplay.rollout import (
    Periods,
    Rollout,
    Roster,
    by_halves,
    halves,
    joint,
    lanewise,
    paired,
    rollout,
    shared,
    sides_of,
)
from jaxplay.rollout._halves import Decide
from jaxplay.training.members import Member, periods_of

NO_SEARCH = -1
"""Simulations of opponents that play by their policy alone."""


def matches_of_member(
    member: Member,
    league: LeagueConfig,
    game: Game[Any],
    networks: tuple[Network, Network],
    learner: Learner,
    num_shards: int,
) -> Rollout:
    """The matches of a learner, in one shard.

    Args:
        member: the learner.
        league: how long opponents stay, and how their networks run.
        game: that is played.
        networks: the learner's and its opponents', which are the very same where they are alike.
        learner: that learns from them.
        num_shards: of the run.

    Raises:
        UserError: see `jaxplay.rollout.halves`; or no opponent can be modelled.
    """
    config, rules, evaluate = member.training, member.rules, networks[0].on(game)
    matches = config.selfplay.num_matches // num_shards
    if rules is None:
        dispatch = shared(learner.policy(evaluate))
        return rollout(game, dispatch, config.selfplay, num_matches=matches, endings=learner.endings)
    sides_of(game)
    loop, alone = _one_by_one(league, config), selfplay_matches(rules, matches)
    num_others = (matches - alone) // 2
    others = lanewise(networks[1].on(game), rules.lanes, num_others, loop=loop)
    num_own = matches - num_others
    if networks[0] is networks[1] and _alike(rules, config):
        decide = joint(learner.policy(by_halves(evaluate, others, matches, num_own)))
    else:
        decide = _paired(member, rules, game, evaluate, others, learner, num_own)
    shape = {"num_lanes": rules.lanes, "num_matches": matches, "num_selfplay": alone}
    potential = rules.minimax.form == "potential"
    return _in_lanes(config, league, game, decide, shape, potential=potential, endings=learner.endings)


def selfplay_matches(rules: MemberConfig, matches: int) -> int:
    """How many of `matches` a learner plays with itself outside lanes; each lane keeps an even number."""
    even = 2 * rules.lanes
    return int(rules.selfplay_share * matches) // even * even


def _alike(rules: MemberConfig, config: TrainingConfig) -> bool:
    """Whether a learner and its opponents search in the same way."""
    same = rules.opponent_simulations in (0, config.search.num_simulations)
    return same and not rules.models_opponent


def _paired(
    member: Member,
    rules: MemberConfig,
    game: Game[Any],
    evaluate: Evaluate,
    others: Evaluate,
    learner: Learner,
    num_own: int,
) -> Decide:
    """A policy for each side; whoever is modelled samples its moves where everybody does."""
    model = None
    if rules.models_opponent:
        if not (game.num_players == 2 and game.zero_sum):
            allowed = f"False in {member.training.game}, which is not a game of two players and zero sum"
            raise UserError(f"models_opponent of {member.name} is True; allowed: {allowed}")
        play = member.training.selfplay
        samples = play.temperature_early > 0.0 or play.temperature_late > 0.0
        model = search.Opponent(others, sample=samples, signal=signal_of(rules.minimax))
    simulations = {NO_SEARCH: 0, 0: None}.get(rules.opponent_simulations, rules.opponent_simulations)
    own = learner.policy(evaluate, opponent=model)
    theirs = learner.policy(others, num_simulations=simulations, learns=False)
    return paired(own, theirs, num_own=num_own, models_opponent=rules.models_opponent)


def matches_of_referees(
    config: TrainingConfig,
    league: LeagueConfig,
    game: Game[Any],
    network: Network,
    learner: Learner,
    num_shards: int,
) -> Rollout:
    """The matches of frozen players with each other, in one shard, who play as `learner` does without noise.

    Raises:
        UserError: see `matches_of_member`.
    """
    rules, matches = league.referees, league.referees.matches // num_shards
    others = lanewise(network.on(game), rules.lanes, matches // 2, loop=_one_by_one(league, config))
    both = by_halves(others, others, matches)
    policy = learner.policy(both, num_simulations=rules.simulations or None, learns=False, explores=False)
    return _in_lanes(config, league, game, joint(policy), {"num_lanes": rules.lanes, "num_matches": matches})


def _in_lanes(
    config: TrainingConfig,
    league: LeagueConfig,
    game: Game[Any],
    decide: Decide,
    shape: dict[str, int],
    *,
    potential: bool = False,
    endings: bool = False,
) -> Rollout:
    periods, play = Periods(*periods_of(league, game.max_plies)), config.selfplay
    dispatch = halves(game, decide, play, periods, **shape, potential=potential)
    return rollout(game, dispatch, play, num_matches=shape["num_matches"], periods=periods, endings=endings)


def _one_by_one(league: LeagueConfig, config: TrainingConfig) -> bool:
    """Whether the networks of lanes run one after the other."""
    if league.lane_networks == "auto":
        return isinstance(config.network, ResNetConfig)
    return league.lane_networks == "loop"


def signal_of(minimax: MinimaxConfig) -> search.Signal | None:
    """What opponents' estimates do inside the search."""
    if minimax.form in ("edge", "potential"):
        return search.Signal(minimax.form, minimax.shift)
    return None


def roster_of(member: Member, params: Params, updates: Array, others: Params = None) -> Roster:
    """The parameters of a learner's matches; a signal weighs as it does after `updates` of a generation."""
    weight = None
    if member.rules is not None and signal_of(member.rules.minimax) is not None:
        weight = weight_at(*member.rules.minimax.schedule, updates)
    return Roster(params, others, weight)
