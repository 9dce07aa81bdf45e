"""A run as a league: who is in it, and how the work is shared."""

import math
from dataclasses import replace

from jaxplay.config import (
    AlphaZeroConfig,
    LeagueConfig,
    LearnerConfig,
    MemberConfig,
    MinimaxConfig,
    PolicyGradientConfig,
    RefereeConfig,
    RunConfig,
    TrainingConfig,
)
from jaxplay.errors import UserError
from jaxplay.game import make

MIN_STEPS, MAX_STEPS = 50, 200
"""Steps of training from one frozen copy of a learner to the next."""
LEAST_STEPS = 10
"""That a learner makes itself before it may be frozen, however seldom it acts."""
MAIN_SHARE = 0.8
SELFPLAY_SHARE = 0.75
"""Of a main agent's matches, with itself outside lanes."""


def with_league(config: RunConfig, main_share: float = MAIN_SHARE) -> RunConfig:
    """The same run as a league: one main agent of the same size, and exploiters a quarter of it.

    The main agent plays three quarters of its matches with itself, as in self-play, and the others with
    frozen players and for verification. Exploiters and referees act only every so many steps, so that the
    main agent has its share of the work. Lanes hold 32 matches, and are 8 at most. Everybody is frozen after
    50 to 200 steps of training; an exploiter relies on its opponent's estimates in the first half of that.
    Where opponents cannot be modelled, as in games of teams, it searches like a main agent.

    Args:
        config: of self-play.
        main_share: the least share of the main agent, above 0 and below 1, of all positions that networks
            look at, those of a gradient step counted three times.

    Raises:
        UserError: the share is none; or the learner is of a kind that has no preset.
    """
    if not 0.0 < main_share < 1.0:
        raise UserError(f"main_share is {main_share}; allowed: above 0 and below 1")
    training = config.training
    matches = training.selfplay.num_matches
    updates, positions = _budget_of(training.learner)
    agent = MemberConfig(
        matchmaking="alphastar_others",
        lanes=_lanes(matches - int(SELFPLAY_SHARE * matches)),
        selfplay_share=SELFPLAY_SHARE,
        min_steps=MIN_STEPS,
        max_steps=MAX_STEPS,
    )
    quarter = max(matches // 4, 4)
    exploiter = MemberConfig(
        matches=quarter,
        lanes=_lanes(quarter),
        updates=max(updates // 4, 1),
        replay_positions=-(-positions // 4),
        models_opponent=_models_opponent(training),
    )
    referees = max(matches // 16, 4)
    besides = 2.0 * _work(training, exploiter) + _work_of_referees(training, referees)
    every = math.ceil(besides / _work(training, agent) * main_share / (1.0 - main_share))
    exploiter = _every_so_often(exploiter, every)
    league = LeagueConfig(
        main_agents=agent,
        main_exploiters=replace(exploiter, reset=1.0),
        league_exploiters=replace(exploiter, reset=0.25),
        referees=RefereeConfig(matches=referees, lanes=max(referees // 8, 2), every=every),
    )
    return replace(config, training=replace(training, league=league))


def _models_opponent(training: TrainingConfig) -> bool:
    game = make(training.game, **dict(training.game_options))
    return game.num_players == 2 and game.zero_sum


def _every_so_often(exploiter: MemberConfig, every: int) -> MemberConfig:
    """An exploiter that acts once in `every` steps, and is frozen as often as everybody."""
    most = max(MAX_STEPS // every, 4 * LEAST_STEPS)
    minimax = MinimaxConfig(anneal_updates=exploiter.updates * most // 2)
    return replace(
        exploiter,
        every=every,
        minimax=minimax if exploiter.models_opponent else MinimaxConfig("none"),
        min_steps=max(MIN_STEPS // every, LEAST_STEPS),
        max_steps=most,
    )


def _work(training: TrainingConfig, rules: MemberConfig) -> float:
    """Positions that networks look at in a step of such a learner, those of a gradient step three times."""
    matches, plies = rules.matches or training.selfplay.num_matches, training.selfplay.num_plies
    own = 0.5 * (1.0 + rules.selfplay_share) * matches
    evaluations = _evaluations(training)
    played = own * evaluations * (1 + rules.models_opponent) + (matches - own) * evaluations
    return plies * played + 3.0 * _learned(training.learner, rules.updates, matches * plies)


def _work_of_referees(training: TrainingConfig, matches: int) -> float:
    return float(matches * training.selfplay.num_plies * _evaluations(training))


def _evaluations(training: TrainingConfig) -> int:
    """Of a decision."""
    return training.search.num_simulations + 1 if training.learner.searches else 1


def _learned(learner: LearnerConfig, updates: int, positions: int) -> float:
    """Positions of all gradient steps of a step that made so many new ones."""
    if isinstance(learner, AlphaZeroConfig):
        return float((updates or learner.num_updates) * learner.batch_size)
    assert isinstance(learner, PolicyGradientConfig)
    return (updates / learner.num_minibatches or learner.num_epochs) * positions


def _budget_of(learner: LearnerConfig) -> tuple[int, int]:
    """Gradient steps in a step of training, and positions in replay.

    Raises:
        UserError: the learner is of a kind that has no preset.
    """
    if isinstance(learner, AlphaZeroConfig):
        return learner.num_updates, learner.replay_positions
    if isinstance(learner, PolicyGradientConfig):
        return learner.num_epochs * learner.num_minibatches, 0
    raise UserError(f"a league of learners of kind {learner.kind} has no preset: name its settings")


def _lanes(matches: int) -> int:
    return min(8, max(1, matches // 32))
