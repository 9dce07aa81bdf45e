"""Networks, searches, self-play and learners."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from jaxplay.config.checks import at_least, one_of, require, share

VALUE_HEADS = ("scalar", "outcome")


@dataclass(frozen=True)
class MLPConfig:
    """A residual perceptron (`jaxplay.networks.mlp`).

    Attributes:
        width: units in each layer.
        depth: residual blocks of two layers each.
        value_head: one number, or chances of loss, draw and win.
        reply_head: predict the policy of the game's next decision too, and learn from it.
        ending_heads: predict ownership and score at the end too, where the game defines them.
    """

    kind: ClassVar[str] = "mlp"
    width: int = 256
    depth: int = 2
    value_head: Literal["scalar", "outcome"] = "outcome"
    reply_head: bool = False
    ending_heads: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "width")
        at_least(self, 0, "depth")
        one_of(self, "value_head", VALUE_HEADS)


@dataclass(frozen=True)
class ResNetConfig:
    """A residual convolutional network (`jaxplay.networks.resnet`).

    Attributes:
        channels: of every convolution.
        depth: residual blocks of two convolutions each.
        value_head: one number, or chances of loss, draw and win.
        bfloat16: compute in bfloat16; parameters stay float32.
        reply_head: predict the policy of the game's next decision too, and learn from it.
        ending_heads: predict ownership and score at the end too, where the game defines them.
    """

    kind: ClassVar[str] = "resnet"
    channels: int = 64
    depth: int = 6
    value_head: Literal["scalar", "outcome"] = "outcome"
    bfloat16: bool = False
    reply_head: bool = False
    ending_heads: bool = False

    def __post_init__(self) -> None:
        at_least(self, 1, "channels")
        at_least(self, 0, "depth")
        one_of(self, "value_head", VALUE_HEADS)


@dataclass(frozen=True)
class PUCTConfig:
    """The search of self-play (`jaxplay.search.puct`); that of play has no noise and nothing forced.

    Attributes:
        num_simulations: of a full search.
        c_init: weight of exploration.
        c_base: visits at which exploration begins to grow.
        fpu_reduction: how much worse than its node an edge not yet visited counts.
        dirichlet_fraction: share of noise in the root's prior.
        dirichlet_concentration: sum of the noise's parameters, shared by the legal actions.
        root_temperature: the root's prior is taken to the power of its inverse; 1: as it is. KataGo: 1.1
            to 1.25.
        forced_playouts: k of at least sqrt(k P N) visits for each visited action of the root, which the
            policy target leaves out again; 0: none. KataGo: 2.
        leaves: of a tree, evaluated at once; more make larger calls of the network, and weaker searches.
        prove: back up wins and losses exactly where that is possible.
        max_edges: keep only so many actions of each position, the likeliest, for games of thousands of
            actions; 0: all.
        bfloat16_priors: keep priors in half the memory.
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
class GumbelConfig:
    """The search of self-play (`jaxplay.search.gumbel`), and without its noise that of play.

    Its action is drawn by its own noise, so that self-play wants a temperature of 0.

    Attributes:
        num_simulations: of a full search.
        max_considered: actions that sequential halving starts with, at most.
        c_visit: with the next, how values weigh against priors (`jaxplay.search.rules.value_bonus`).
        c_scale: see `c_visit`.
        rescale: stretch the values of each node to [0, 1] first.
        parallel: simulate all actions of a round of halving at once.
        prove: back up wins and losses exactly where that is possible.
        max_edges: keep only so many actions of each position, the likeliest, for games of thousands of
            actions; 0: all.
        bfloat16_priors: keep priors in half the memory.
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
    """Self-play (`jaxplay.selfplay`).

    Attributes:
        num_matches: games at a time.
        num_plies: moves of each at a step.
        temperature_early: at which moves are drawn from visits, at the beginning of a game.
        temperature_late: the same after that.
        temperature_plies: where it changes.
        max_opening_plies: games begin with up to so many random moves.
        full_share: probability that a ply is searched in full, by all matches; the others get
            `cheap_simulations` without noise, and their policy is not learned. KataGo: 0.25.
        cheap_simulations: see `full_share`.
        keep_nodes: of a tree, kept from one move to the next of a step; 0: every move is searched anew.
        surprise_share: share of the weight of moves that goes in proportion to how much the search changed
            the policy; 0: all moves weigh the same. KataGo: 0.5.
        resign_value: a player whose searches expect less resigns; -1: nobody does.
        resign_moves: own moves in a row that must be so bad.
        resign_control: share of games in which nobody resigns, to see how often it would be wrong.
    """

    num_matches: int = 512
    num_plies: int = 8
    temperature_early: float = 1.0
    temperature_late: float = 0.25
    temperature_plies: int = 16
    max_opening_plies: int = 8
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
        share(self, "surprise_share", "resign_control")
        require(self, "full_share", "above 0, to 1", 0.0 < self.full_share <= 1.0)
        require(self, "resign_value", "-1 to 1", -1.0 <= self.resign_value <= 1.0)


@dataclass(frozen=True)
class AlphaZeroConfig:
    """The learner (`jaxplay.learners.alphazero`) and its optimizer (AdamW).

    Attributes:
        replay_positions: that are remembered.
        min_positions: that must be remembered before the first gradient step.
        batch_size: positions of a gradient step.
        num_updates: gradient steps of a step.
        value_mix: share of the search's value in the value target; the rest is the outcome.
        value_weight: of the value's loss; the policy's has 1.
        reply_weight: of the reply's loss, where the network has a reply head. KataGo: 0.15.
        ownership_weight: of the ownership's loss, where the network has ending heads.
        score_weight: of the score's loss, as before.
        reanalysis_plies: of all matches, drawn from memory and searched again at each step.
        augment: learn each position under a random symmetry.
        ema_decay: of the averaged parameters that play.
        learning_rate: of the optimizer, after `warmup_steps`.
        schedule: how the rate goes on: `cosine` ends at a tenth after `schedule_steps`.
        schedule_steps: gradient steps.
        warmup_steps: gradient steps in which the rate rises.
        weight_decay: of AdamW.
        clip_norm: the greatest norm of a gradient.
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
