"""What is trained, and a run of it."""

from dataclasses import dataclass, field

from jaxplay.config.checks import at_least, require, share, within
from jaxplay.config.exploiter import ExploiterConfig
from jaxplay.config.kinds import LearnerConfig, NetworkConfig, SearchConfig
from jaxplay.config.league import LeagueConfig
from jaxplay.config.parts import (
    AlphaZeroConfig,
    MLPConfig,
    PUCTConfig,
    SelfPlayConfig,
)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that `make_training` needs.

    Attributes:
        game: Name of the game, as `jaxplay.make` takes it.
        game_options: Options of the game, as pairs of name and value.
        network: Network that is trained.
        search: Search that chooses the moves of self-play.
        selfplay: How games are played.
        learner: How the network learns from the games.
        league: Learners and frozen players that meet each other; none: plain self-play.
        exploiter: Trains against one frozen player only; none: plain self-play.
        num_shards: Parts into which games and replay are divided, so that several devices may share them.
            Results depend on this number, and not on the number of devices.
        seed: Seed of everything random.
    """

    game: str = "connect_four"
    game_options: tuple[tuple[str, int | float | str | bool], ...] = ()
    network: NetworkConfig = field(default_factory=MLPConfig)
    search: SearchConfig = field(default_factory=PUCTConfig)
    selfplay: SelfPlayConfig = field(default_factory=SelfPlayConfig)
    learner: LearnerConfig = field(default_factory=AlphaZeroConfig)
    league: LeagueConfig | None = None
    exploiter: ExploiterConfig | None = None
    num_shards: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(self, 1, "num_shards")
        within(self, 0, 2**32 - 1, "seed")
        for part, name in ((self.selfplay, "num_matches"), (self.learner, "batch_size")):
            whole = getattr(part, name, 0) % self.num_shards == 0
            require(part, name, f"a multiple of num_shards ({self.num_shards})", whole)
        full, cheap = self.search.num_simulations, self.selfplay.cheap_simulations
        fits = self.selfplay.full_share == 1.0 or cheap < full
        require(self.selfplay, "cheap_simulations", f"fewer than those of a full search ({full})", fits)
        if self.exploiter is not None:
            require(self, "league", "None for an exploiter", self.league is None)
            whole = 2 * self.num_shards
            fits = self.selfplay.num_matches % whole == 0
            require(self.selfplay, "num_matches", f"for an exploiter a multiple of {whole}", fits)
            same = self.exploiter.opponent_network in (None, self.network)
            fits = same or self.exploiter.start == "fresh"
            require(self.exploiter, "start", "fresh where the opponent's network is another", fits)
            self._check_lanes("for an exploiter")
        if self.league is not None:
            self._check_league(self.league)
            self._check_lanes("in a league")

    def _check_lanes(self, where: str) -> None:
        """Trees cannot be kept where matches change their places in the batch at every ply."""
        fits, allowed = self.selfplay.keep_nodes == 0, "0, as matches change their places in the batch"
        require(self.selfplay, "keep_nodes", f"{where} {allowed}", fits)

    def _check_league(self, league: LeagueConfig) -> None:
        """Matches must fill lanes evenly, in each shard."""
        for member in (league.main_agents, league.main_exploiters, league.league_exploiters):
            whole, allowed = 2 * member.lanes * self.num_shards, "a multiple of 2 * lanes * num_shards"
            if member.count > 0 and member.matches > 0:
                require(member, "matches", f"{allowed} ({whole})", member.matches % whole == 0)
            elif member.count > 0:
                fits = self.selfplay.num_matches % whole == 0
                require(self.selfplay, "num_matches", f"in a league {allowed} ({whole})", fits)
        whole = 2 * league.referees.lanes * self.num_shards
        allowed = f"a multiple of 2 * lanes * num_shards ({whole})"
        require(league.referees, "matches", allowed, league.referees.matches % whole == 0)


@dataclass(frozen=True)
class RunConfig:
    """A run on disk: what is trained, and how often it is evaluated, saved and logged.

    Attributes:
        training: What is trained, and how.
        devices: Devices that share the games and replay. They divide `num_shards`, which becomes this number
            where it is 1. 0: as many as there are and divide it; `train` and `league` on a CPU: one a core,
            where there are games enough.
        evaluate_minutes: Minutes of wall clock from one evaluation to the next. 0 evaluates after every step.
        evaluate_share: Largest share of a run's time that evaluations may take. 1 sets no limit. The last
            one takes place in any case, as far as something is measured; 0 evaluates never.
        evaluate_games: Games of an evaluation against each reference player, an even number. 0 evaluates
            never.
        evaluate_simulations: Simulations of the agent's searches in evaluations and in play.
        anchor_simulations: Simulations of the reference player that searches with random playouts.
        checkpoint_minutes: Minutes of wall clock from one checkpoint to the next. 0 saves after every step.
        keep_checkpoints: Checkpoints that are kept, the newest ones.
        log_seconds: Seconds of training that one line of metrics sums up. 0 writes a line for every step.
        log_games: Games that one line of metrics sums up. 0 goes by `log_seconds`.
    """

    training: TrainingConfig = field(default_factory=TrainingConfig)
    devices: int = 0
    evaluate_minutes: float = 3.0
    evaluate_share: float = 0.1
    evaluate_games: int = 64
    evaluate_simulations: int = 64
    anchor_simulations: int = 100
    checkpoint_minutes: float = 5.0
    keep_checkpoints: int = 3
    log_seconds: float = 5.0
    log_games: int = 0

    def __post_init__(self) -> None:
        at_least(self, 0.0, "evaluate_minutes", "checkpoint_minutes", "log_seconds")
        at_least(self, 0, "log_games")
        within(self, 0, 2**20, "devices")
        share(self, "evaluate_share")
        at_least(self, 1, "evaluate_simulations", "anchor_simulations", "keep_checkpoints")
        even = self.evaluate_games % 2 == 0 <= self.evaluate_games
        require(self, "evaluate_games", "an even number (0: no evaluation)", even)
        anchored = self.training.exploiter is None or self.evaluate_games == 0
        require(self, "evaluate_games", "0 for an exploiter, which one player only can measure", anchored)
