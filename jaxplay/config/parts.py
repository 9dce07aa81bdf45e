"""Networks, searches, self-play and learners."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from jaxplay.config.checks import at_least, one_of, require, share, within
from jaxplay.config.kinds import LearnerConfig, NetworkConfig, SearchConfig

VALUE_HEADS = ("scalar", "outcome")
MOST_UNITS, MOST_BLOCKS = 65_536, 1_000
"""Of a network: units or channels of a layer, and residual blocks. More is a slip of the keyboard."""


@dataclass(frozen=True)
class MLPConfig(NetworkConfig):
    """A residual perceptron (`jaxplay.networks.mlp`).

    Attributes:
        width: Units in each layer.
        depth: Residual blocks, of two layers each.
        value_head: What the network says of a position's worth: one number (`scalar`), or the
            probabilities of a loss, a draw and a win (`outcome`).
        bfloat16: Whether to multiply in bfloat16, which processors that can (`avx512_bf16`) do in two thirds
            of the time; parameters and sums are float32 in any case.
        reply_head: Whether the network also learns to predict the policy of the next decision of the game.
        ending_heads: Whether the network also learns to predict ownership and score at the end of the
            game, where the game defines them.
    """

    kind: ClassVar[str] = "mlp"
    width: int = 256
    depth: int = 2
    value_head: Literal["scalar", "outcome"] = "outcome"
    bfloat16: bool = False

    def __post_init__(self) -> None:
        within(self, 1, MOST_UNITS, "width")
        within(self, 0, MOST_BLOCKS, "depth")
        one_of(self, "value_head", VALUE_HEADS)


@dataclass(frozen=True)
class LinesConfig(MLPConfig):
    """A residual perceptron that sees how full each line is (`jaxplay.networks.line_mlp`).

    It is for games in which some cells in a row win, which tell their `lines`.

    Attributes:
        width: Units in each layer.
        depth: Residual blocks, of two layers each.
        value_head: What the network says of a position's worth: one number (`scalar`), or the
            probabilities of a loss, a draw and a win (`outcome`).
        bfloat16: Whether to multiply in bfloat16, which processors that can (`avx512_bf16`) do in two thirds
            of the time; parameters and sums are float32 in any case.
        reply_head: Whether the network also learns to predict the policy of the next decision of the game.
        ending_heads: Whether the network also learns to predict ownership and score at the end of the
            game, where the game defines them.
    """

    kind: ClassVar[str] = "lines"
    width: int = 192


@dataclass(frozen=True)
class ResNetConfig(NetworkConfig):
    """A residual convolutional network (`jaxplay.networks.resnet`).

    Attributes:
        channels: Channels of each convolution.
        depth: Residual blocks, of two convolutions each.
        value_head: What the network says of a position's worth: one number (`scalar`), or the
            probabilities of a loss, a draw and a win (`outcome`).
        bfloat16: Whether to compute in bfloat16; parameters are float32 in any case.
        reply_head: Whether the network also learns to predict the policy of the next decision of the game.
        ending_heads: Whether the network also learns to predict ownership and score at the end of the
            game, where the game defines them.
    """

    kind: ClassVar[str] = "resnet"
    channels: int = 64
    depth: int = 6
    value_head: Literal["scalar", "outcome"] = "outcome"
    bfloat16: bool = False

    def __post_init__(self) -> None:
        within(self, 1, MOST_UNITS, "channels")
        within(self, 0, MOST_BLOCKS, "depth")
        one_of(self, "value_head", VALUE_HEADS)


@dataclass(frozen=True)
class PUCTConfig(SearchConfig):
    """PUCT search in self-play (`jaxplay.search.puct`); in play it has no noise and no forced playouts.

    Attributes:
        num_simulations: Simulations of a full search: how often it goes down the tree for one move.
        c_init: Weight of exploration; a larger one makes the search broader.
        c_base: Visits of a node at which its weight of exploration begins to grow.
        fpu_reduction: How much worse than its node an action counts that was not tried yet: so much value,
            times the root of the prior mass that was tried.
        dirichlet_fraction: Share of Dirichlet noise in the prior of the root, 0 to 1.
        dirichlet_concentration: Sum of the parameters of the Dirichlet noise, which legal actions share
            equally.
        root_temperature: Temperature of the prior of the root; above 1 it is flatter, and 1 leaves it as it
            is. KataGo uses 1.1 to 1.25.
        forced_playouts: The factor k: each action of the root that is tried at all gets at least
            sqrt(k P N) visits, which the policy target leaves out again. 0 forces none; KataGo uses 2.
        leaves: Leaves of a tree that are evaluated at once. More make larger batches for the network, and
            a weaker search.
        prove: Whether wins and losses are backed up as exact where the tree proves them.
        max_edges: Actions kept of each position, the likeliest by the prior, for games of thousands of
            actions. 0 keeps all.
        bfloat16_priors: Whether priors are stored as bfloat16, which halves their memory.
    """

    kind: ClassVar[str] = "puct"
    num_simulations: int = 32
    c_init: float = 1.25
    c_base: float = 19652.0
    fpu_reduction: float = 0.2
    dirichlet_fraction: float = 0.25
    dirichlet_concentration: float = 10.0
    root_temperature: float = 1.0
    forced_playouts: float = 0.0
    leaves: int = 1
    prove: bool = True
    max_edges: int = 0
    bfloat16_priors: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "num_simulations", "c_base", "leaves")
        at_least(self, 0.0, "c_init", "fpu_reduction", "forced_playouts", "max_edges")
        share(self, "dirichlet_fraction")
        require(self, "dirichlet_concentration", "above 0", self.dirichlet_concentration > 0)
        require(self, "root_temperature", "above 0", self.root_temperature > 0)


@dataclass(frozen=True)
class GumbelConfig(SearchConfig):
    """Gumbel search in self-play (`jaxplay.search.gumbel`); in play it has no noise.

    Its action is sampled by its own noise, so that self-play needs a temperature of 0.

    Attributes:
        num_simulations: Simulations of a full search: how often it goes down the tree for one move.
        max_considered: Actions that sequential halving starts with, at most.
        c_visit: Number of visits, added to those of the most visited action, that scales values against
            priors (`jaxplay.search.rules.value_bonus`).
        c_scale: Factor of the same scale; a larger one lets values count for more.
        rescale: Whether the values of each node are stretched to [0, 1] first.
        parallel: Whether all actions of a round of halving are simulated at once.
        prove: Whether wins and losses are backed up as exact where the tree proves them.
        max_edges: Actions kept of each position, the likeliest by the prior, for games of thousands of
            actions. 0 keeps all.
        bfloat16_priors: Whether priors are stored as bfloat16, which halves their memory.
    """

    kind: ClassVar[str] = "gumbel"
    num_simulations: int = 16
    max_considered: int = 16
    c_visit: float = 50.0
    c_scale: float = 0.1
    rescale: bool = True
    parallel: bool = False
    prove: bool = True
    max_edges: int = 0
    bfloat16_priors: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "num_simulations", "max_considered")
        at_least(self, 0.0, "c_visit", "c_scale", "max_edges")


@dataclass(frozen=True)
class SelfPlayConfig:
    """Self-play: how the games are played from which the learner learns.

    Attributes:
        num_matches: Games that are played at the same time.
        num_plies: Moves that each game advances in one step of training.
        temperature_early: Temperature at which moves are sampled from the visits early in a game; 0 plays the
            most visited move.
        temperature_late: Temperature later in a game, from `temperature_plies` on.
        temperature_plies: Moves of a game after which the temperature changes.
        max_opening_plies: Random moves at the beginning of a game, at most; each game samples its own number.
        lopsided_openings: Share of openings in which nearly all moves, by either side, are those after which
            the score of one of them is best; 0 to 1. For games that count a score (Othello, Go): games of
            equals never come to such positions, so that nobody learns what they are worth.
        full_share: Probability that a move is searched in full; it is sampled for all games together. The
            other moves get `cheap_simulations` without noise, and nothing is learned from their policy.
            KataGo uses 0.25.
        cheap_simulations: Simulations of a move that is not searched in full.
        keep_nodes: Nodes of a search tree, at most, that are kept for the next move of the same step. 0
            searches each move anew.
        surprise_share: Share of the weight of moves that is given in proportion to how much the search
            changed the policy, 0 to 1; with 0 all moves weigh the same. KataGo uses 0.5.
        resign_value: Value below which a player resigns, from -1 (a sure loss) to 1; with -1 nobody
            resigns.
        resign_moves: Moves in a row whose value must be so low before the player resigns.
        resign_control: Share of games in which nobody resigns, which measure how often it would be wrong.
    """

    num_matches: int = 512
    num_plies: int = 8
    temperature_early: float = 1.0
    temperature_late: float = 0.25
    temperature_plies: int = 16
    max_opening_plies: int = 8
    lopsided_openings: float = 0.0
    full_share: float = 1.0
    cheap_simulations: int = 8
    keep_nodes: int = 0
    surprise_share: float = 0.0
    resign_value: float = -1.0
    resign_moves: int = 3
    resign_control: float = 0.1

    def __post_init__(self) -> None:
        at_least(self, 1, "num_matches", "num_plies", "cheap_simulations", "resign_moves")
        at_least(self, 0, "temperature_early", "temperature_late", "temperature_plies", "max_opening_plies")
        at_least(self, 0, "keep_nodes")
        share(self, "lopsided_openings", "surprise_share", "resign_control")
        opens = self.max_opening_plies > 0 or self.lopsided_openings == 0.0
        require(self, "lopsided_openings", "0 where max_opening_plies is 0", opens)
        require(self, "full_share", "above 0, to 1", 0.0 < self.full_share <= 1.0)
        require(self, "resign_value", "-1 to 1", -1.0 <= self.resign_value <= 1.0)


@dataclass(frozen=True)
class AlphaZeroConfig(LearnerConfig):
    """The AlphaZero learner (`jaxplay.learners.alphazero`) and its optimizer, AdamW.

    Attributes:
        replay_positions: Positions kept in replay.
        min_positions: Positions that replay must hold before the first gradient step.
        batch_size: Positions in the batch of a gradient step.
        num_updates: Gradient steps in one step of training.
        value_mix: Share of the search's value in the value target, 0 to 1; the rest is the outcome of the
            game.
        value_weight: Weight of the value loss; the policy loss has weight 1.
        reply_weight: Weight of the loss of the reply head, where the network has one. KataGo uses 0.15.
        ownership_weight: Weight of the ownership loss, where the network has ending heads.
        score_weight: Weight of the score loss, where the network has ending heads.
        reanalysis_plies: Old moves of all games that are sampled from replay and searched again with the
            newest network in each step of training, counted like `num_plies`. 0 searches none again.
        augment: Whether each position is learned under a random symmetry of the game.
        ema_decay: Decay, per gradient step, of the averaged parameters, which are those that play.
        learning_rate: Learning rate of the optimizer once the warm-up is over.
        schedule: How the learning rate goes on: it stays (`constant`), or falls to a tenth (`cosine`).
        schedule_steps: Gradient steps in which a `cosine` schedule falls.
        warmup_steps: Gradient steps in which the learning rate rises from 0.
        weight_decay: Weight decay of AdamW.
        clip_norm: Norm to which larger gradients are clipped.
    """

    kind: ClassVar[str] = "alphazero"
    replay_positions: int = 262_144
    min_positions: int = 32_768
    batch_size: int = 1024
    num_updates: int = 16
    value_mix: float = 0.0
    value_weight: float = 1.0
    reply_weight: float = 0.15
    ownership_weight: float = 1.0
    score_weight: float = 0.25
    reanalysis_plies: int = 0
    augment: bool = True
    ema_decay: float = 0.999
    learning_rate: float = 1.5e-3
    schedule: Literal["constant", "cosine"] = "constant"
    schedule_steps: int = 20_000
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    clip_norm: float = 1.0

    def __post_init__(self) -> None:
        at_least(self, 1, "replay_positions", "min_positions", "batch_size", "num_updates", "schedule_steps")
        at_least(self, 0, "value_weight", "reply_weight", "ownership_weight", "score_weight")
        at_least(self, 0, "reanalysis_plies", "learning_rate", "weight_decay", "warmup_steps")
        share(self, "value_mix", "ema_decay")
        one_of(self, "schedule", ("constant", "cosine"))
        require(self, "clip_norm", "above 0", self.clip_norm > 0)
        fits = self.min_positions <= self.replay_positions
        require(self, "min_positions", "at most replay_positions", fits)

    def as_member(
        self, *, num_updates: int, replay_positions: int, models_opponent: bool
    ) -> "AlphaZeroConfig":
        """See `LearnerConfig.as_member`; a smaller replay is learned from sooner.

        Positions of opponents who are modelled cannot be searched again, because replay does not tell which
        opponent each was played against: such a member does not reanalyze.
        """
        positions = replay_positions or self.replay_positions
        return replace(
            self,
            num_updates=num_updates or self.num_updates,
            replay_positions=positions,
            min_positions=min(self.min_positions, max(positions // 8, 1)),
            reanalysis_plies=0 if models_opponent else self.reanalysis_plies,
        )
