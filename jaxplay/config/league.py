"""A league: its learners, matchmaking and frozen players."""

from dataclasses import dataclass, field
from typing import Literal

from jaxplay.config.checks import at_least, one_of, require, share
from jaxplay.config.minimax import MinimaxConfig
from jaxplay.config.parts import GumbelConfig, PUCTConfig

LANE_NETWORKS = ("auto", "batch", "loop")


@dataclass(frozen=True)
class MemberConfig:
    """Learners of one kind in a league. Where it says 0, they do as a learner without a league would.

    Attributes:
        count: how many there are.
        matchmaking: whom they play, one of `jaxplay.league.RULES`, a rule that was registered, or
            `module:attribute`; `alphastar`: what its paper gives to their kind.
        matches: games at a time of each.
        lanes: opponents at a time of each.
        updates: gradient steps of each at a step.
        replay_positions: that each remembers.
        search: of their matches, by both sides; None: as without a league. Temperatures are those of all.
        simulations: of their searches.
        opponent_simulations: of their opponents' searches; 0: as their own; -1: opponents do not search.
        models_opponent: their searches know the opponent's network, and let it reply.
        minimax: what such searches make of the opponent's estimates.
        min_steps: before one of them may be frozen.
        max_steps: after which it is frozen, whatever it wins.
        threshold: share of the points that lets it be frozen sooner.
        confidence: that the true share is above that, one-sided.
        min_games: with each target, by their weight.
        measure: every target must be beaten, or all in the mean.
        reset: chance to start anew once frozen.
        adaptive: start anew from a frozen one of the same kind, if one fits (`jaxplay.league.restart`).
    """

    count: int = 1
    matchmaking: str = "alphastar"
    matches: int = 0
    lanes: int = 8
    updates: int = 0
    replay_positions: int = 0
    search: PUCTConfig | GumbelConfig | None = None
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

    def __post_init__(self) -> None:
        at_least(self, 0, "count", "matches", "updates", "replay_positions", "simulations", "min_games")
        at_least(self, 1, "lanes", "min_steps")
        at_least(self, -1, "opponent_simulations")
        one_of(self, "measure", ("each", "mean"))
        share(self, "threshold", "reset")
        require(self, "max_steps", f"min_steps ({self.min_steps}) or more", self.max_steps >= self.min_steps)
        modelled = self.models_opponent or self.minimax.form == "none"
        require(self.minimax, "form", "none where models_opponent is False", modelled)
        require(self, "confidence", "0.5 to below 1", 0.5 <= self.confidence < 1.0)


@dataclass(frozen=True)
class RefereeConfig:
    """Matches between frozen players, which teach nobody and measure who beats whom.

    Attributes:
        matches: games at a time; 0: none.
        lanes: pairs at a time, the least measured ones.
        simulations: of the searches; 0: as in training.
    """

    matches: int = 32
    lanes: int = 4
    simulations: int = 0

    def __post_init__(self) -> None:
        at_least(self, 0, "matches", "simulations")
        at_least(self, 1, "lanes")


@dataclass(frozen=True)
class LeagueConfig:
    """A league (`jaxplay.league`): learners of three kinds, and their frozen copies.

    Attributes:
        main_agents: those that are trained to be strong; the first is the run's main player.
        main_exploiters: those that look for weaknesses of the main agents.
        league_exploiters: those that look for weaknesses of all frozen players.
        referees: who measure the frozen players.
        slots: for frozen players.
        period_plies: that a lane keeps its opponent; 0: four times the game's `max_plies`.
        horizon_plies: in which a game ends for certain, see `jaxplay.selfplay.lane_play`; 0: twice the
            game's `max_plies`.
        uniform_share: of matches against any frozen player, so that all pairs stay measured.
        solve_every: steps from one solution of the frozen players' game to the next, for rules that solve it.
        decay: what a game leaves of the weight of earlier games of its pair.
        lane_networks: networks of several lanes run all at once (`batch`) or one after the other (`loop`);
            `auto`: by what is faster for their kind.
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
