"""A league: its learners, matchmaking and frozen players."""

from dataclasses import dataclass, field
from typing import Literal

from jaxplay.config.checks import at_least, one_of, require, share, within
from jaxplay.config.kinds import SearchConfig
from jaxplay.config.minimax import MinimaxConfig

LANE_NETWORKS = ("auto", "batch", "loop")
MOST_LEARNERS = 100
"""Of one kind; each is compiled by itself."""


@dataclass(frozen=True)
class MemberConfig:
    """Learners of one kind in a league.

    Attributes:
        count: Number of learners of this kind.
        matchmaking: Matchmaker that gives them their opponents: one of `jaxplay.league.MATCHMAKERS`, one that
            was registered, or `module:attribute`. `alphastar` is what the AlphaStar paper gives to their
            kind.
        matches: Games that each learner plays at the same time. 0 takes `num_matches` of self-play.
        lanes: Opponents that each learner meets at the same time; they share its games evenly.
        selfplay_share: Share of the matches, 0 to below 1, that each learner plays with itself outside lanes,
            where it learns from both seats and no match waits. Its matchmaker gives opponents to the others.
        every: Steps of training from one in which each learner plays and learns to the next. Learners take
            turns.
        updates: Gradient steps of each learner in one step of training. 0 takes `num_updates`.
        replay_positions: Positions kept in replay for each learner. 0 takes as many as
            self-play has.
        search: Search by which both sides play their games; none: the search of self-play. Temperatures are
            those of self-play.
        simulations: Simulations of the learners' own searches. 0 takes those of the search.
        opponent_simulations: Simulations of their opponents' searches. 0 takes as many as their own; with -1
            opponents play by their policy, without search.
        models_opponent: Whether their searches know the opponent's network and let it reply.
        minimax: What such searches make of the opponent's own estimates.
        min_steps: Steps in which it learned before a learner may be frozen.
        max_steps: Steps in which it learned after which a learner is frozen, whatever it wins.
        threshold: Share of the points, 0 to 1, that lets a learner be frozen before `max_steps`.
        confidence: Confidence, one-sided, with which its true share must be above the threshold.
        min_games: Games, by their weight, that it must have played against each target before that.
        measure: Whether it must beat each target (`each`), or all of them in the mean (`mean`).
        reset: Probability that a learner starts anew from fresh parameters once it was frozen.
        adaptive: Whether a learner that starts anew begins as a frozen player of its own kind, if one fits
            (`jaxplay.league.restart`).
        warm: Whether a learner that starts anew begins as the newest copy of a main agent, if there is one
            and `adaptive` finds nobody.
    """

    count: int = 1
    matchmaking: str = "alphastar"
    matches: int = 0
    lanes: int = 8
    selfplay_share: float = 0.0
    every: int = 1
    updates: int = 0
    replay_positions: int = 0
    search: SearchConfig | None = None
    simulations: int = 0
    opponent_simulations: int = 0
    models_opponent: bool = False
    minimax: MinimaxConfig = MinimaxConfig("none")
    min_steps: int = 200
    max_steps: int = 800
    threshold: float = 0.7
    confidence: float = 0.95
    min_games: float = 20.0
    measure: Literal["each", "mean"] = "each"
    reset: float = 0.0
    adaptive: bool = False
    warm: bool = False

    def __post_init__(self) -> None:
        within(self, 0, MOST_LEARNERS, "count")
        at_least(self, 0, "matches", "updates", "replay_positions", "simulations", "min_games")
        at_least(self, 1, "lanes", "every", "min_steps")
        at_least(self, -1, "opponent_simulations")
        one_of(self, "measure", ("each", "mean"))
        share(self, "threshold", "reset")
        require(self, "max_steps", f"min_steps ({self.min_steps}) or more", self.max_steps >= self.min_steps)
        require(self, "selfplay_share", "0 to below 1", 0.0 <= self.selfplay_share < 1.0)
        alone = self.selfplay_share == 0.0 or not self.models_opponent
        require(self, "selfplay_share", "0 where models_opponent is True", alone)
        modelled = self.models_opponent or self.minimax.form == "none"
        require(self.minimax, "form", "none where models_opponent is False", modelled)
        require(self, "confidence", "0.5 to below 1", 0.5 <= self.confidence < 1.0)


@dataclass(frozen=True)
class RefereeConfig:
    """Matches between frozen players, from which nobody learns and which measure who beats whom.

    Attributes:
        matches: Games that are played at the same time. 0 plays none.
        lanes: Pairs of frozen players that meet at the same time, those first that were measured least.
        simulations: Simulations of both players' searches. 0 takes those of training.
        every: Steps of training from one in which they play to the next.
    """

    matches: int = 32
    lanes: int = 4
    simulations: int = 0
    every: int = 1

    def __post_init__(self) -> None:
        at_least(self, 0, "matches", "simulations")
        at_least(self, 1, "lanes", "every")


@dataclass(frozen=True)
class LeagueConfig:
    """A league (`jaxplay.league`): learners of three kinds, and their frozen copies.

    Attributes:
        main_agents: Learners that are trained to be strong; the first is the run's main player.
        main_exploiters: Learners that look for weaknesses of the main agents.
        league_exploiters: Learners that look for weaknesses of all frozen players.
        referees: Matches that measure the frozen players against each other.
        slots: Places for frozen players; when all are taken, a new one replaces an old one.
        period_plies: Moves for which a lane keeps its opponent. 0 takes four times `max_plies` of the game.
        horizon_plies: Moves within which a game ends for certain; games that begin too late in a period to
            end in time do not count in the payoff table. 0 takes twice `max_plies` of the game.
        uniform_share: Share of matches, 0 to 1, that are against any frozen player alike, so that all pairs
            stay measured.
        solve_every: Steps of training from one solution of the frozen players' game to the next, for
            matchmakers that need it.
        decay: Factor by which each new game of a pair lowers the weight of its earlier ones, above 0 to 1.
        lane_networks: Whether the networks of several lanes run all at once (`batch`), one after the other
            (`loop`), or by what is faster for their kind (`auto`).
    """

    main_agents: MemberConfig = MemberConfig()
    main_exploiters: MemberConfig = MemberConfig(reset=1.0, models_opponent=True, minimax=MinimaxConfig())
    league_exploiters: MemberConfig = MemberConfig(reset=0.25, models_opponent=True, minimax=MinimaxConfig())
    referees: RefereeConfig = field(default_factory=RefereeConfig)
    slots: int = 64
    period_plies: int = 0
    horizon_plies: int = 0
    uniform_share: float = 0.05
    solve_every: int = 8
    decay: float = 0.99
    lane_networks: Literal["auto", "batch", "loop"] = "auto"

    def __post_init__(self) -> None:
        at_least(self, 2, "slots")
        at_least(self, 1, "solve_every")
        at_least(self, 0, "period_plies", "horizon_plies")
        share(self, "uniform_share")
        one_of(self, "lane_networks", LANE_NETWORKS)
        require(self, "decay", "above 0, to 1", 0.0 < self.decay <= 1.0)
        require(self.main_agents, "count", "1 or more main agents", self.main_agents.count > 0)
