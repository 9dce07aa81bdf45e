"""The typed configuration: frozen dataclasses of plain data, checked, and written as JSON.

A choice between alternatives is a union of dataclasses, each with a `kind` that stands for it in JSON and
on the command line.
"""

import dataclasses
import types
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from jaxplay.errors import UserError, nearest

C = TypeVar("C")


def require(config: Any, name: str, allowed: str, holds: bool) -> None:
    """Raise a `UserError` that names the field, its value and what is allowed, unless `holds`."""
    if not holds:
        label = getattr(config, "kind", type(config).__name__)
        raise UserError(f"{label}.{name} is {getattr(config, name)!r}; allowed: {allowed}")


def _at_least(config: Any, least: float, *names: str) -> None:
    for name in names:
        require(config, name, f"{least} or more", getattr(config, name) >= least)


def _share(config: Any, *names: str) -> None:
    for name in names:
        require(config, name, "0 to 1", 0.0 <= getattr(config, name) <= 1.0)


def _one_of(config: Any, name: str, allowed: tuple[str, ...]) -> None:
    require(config, name, ", ".join(allowed), getattr(config, name) in allowed)


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
        _at_least(self, 1, "width")
        _at_least(self, 0, "depth")
        _one_of(self, "value_head", VALUE_HEADS)


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
        _at_least(self, 1, "channels")
        _at_least(self, 0, "depth")
        _one_of(self, "value_head", VALUE_HEADS)


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
        _at_least(self, 1, "num_simulations", "c_base", "leaves")
        _at_least(self, 0.0, "c_init", "fpu_reduction", "forced_playouts", "max_edges")
        _share(self, "dirichlet_fraction")
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
        _at_least(self, 1, "num_simulations", "max_considered")
        _at_least(self, 0.0, "c_visit", "c_scale", "max_edges")


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
        _at_least(self, 1, "num_matches", "num_plies", "cheap_simulations", "resign_moves")
        _at_least(self, 0, "temperature_early", "temperature_late", "temperature_plies", "max_opening_plies")
        _at_least(self, 0, "keep_nodes")
        _share(self, "surprise_share", "resign_control")
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
        _at_least(self, 1, "replay_positions", "min_positions", "batch_size", "num_updates", "schedule_steps")
        _at_least(self, 0, "value_weight", "reply_weight", "ownership_weight", "score_weight")
        _at_least(self, 0, "reanalysis_plies", "learning_rate", "weight_decay", "warmup_steps")
        _share(self, "value_mix", "ema_decay")
        _one_of(self, "schedule", ("constant", "cosine"))
        require(self, "clip_norm", "above 0", self.clip_norm > 0)
        fits = self.min_positions <= self.replay_positions
        require(self, "min_positions", "at most replay_positions", fits)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that `make_training` needs. `game_options` are those of `jaxplay.make`."""

    game: str = "connect_four"
    game_options: tuple[tuple[str, int | float | str | bool], ...] = ()
    network: MLPConfig | ResNetConfig = field(default_factory=MLPConfig)
    search: PUCTConfig | GumbelConfig = field(default_factory=PUCTConfig)
    selfplay: SelfPlayConfig = field(default_factory=SelfPlayConfig)
    learner: AlphaZeroConfig = field(default_factory=AlphaZeroConfig)
    num_shards: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        _at_least(self, 1, "num_shards")
        _at_least(self, 0, "seed")
        for part, name in ((self.selfplay, "num_matches"), (self.learner, "batch_size")):
            whole = getattr(part, name) % self.num_shards == 0
            require(part, name, f"a multiple of num_shards ({self.num_shards})", whole)
        full, cheap = self.search.num_simulations, self.selfplay.cheap_simulations
        fits = self.selfplay.full_share == 1.0 or cheap < full
        require(self.selfplay, "cheap_simulations", f"fewer than those of a full search ({full})", fits)


@dataclass(frozen=True)
class RunConfig:
    """A run on disk: what is trained, and how often it is looked at and saved.

    Attributes:
        training: what is trained, and how.
        evaluate_minutes: of wall clock from one evaluation to the next; 0: after every step.
        evaluate_games: against each anchor, an even number; 0: no evaluation.
        evaluate_simulations: of the agent's searches in evaluations and in play.
        anchor_simulations: of the anchor that searches with random playouts.
        checkpoint_minutes: of wall clock from one checkpoint to the next; 0: after every step.
        keep_checkpoints: how many of the newest stay.
        log_seconds: of training that a line of metrics sums up; 0: every step.
    """

    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluate_minutes: float = 3.0
    evaluate_games: int = 64
    evaluate_simulations: int = 64
    anchor_simulations: int = 100
    checkpoint_minutes: float = 5.0
    keep_checkpoints: int = 3
    log_seconds: float = 5.0

    def __post_init__(self) -> None:
        _at_least(self, 0.0, "evaluate_minutes", "checkpoint_minutes", "log_seconds")
        _at_least(self, 1, "evaluate_simulations", "anchor_simulations", "keep_checkpoints")
        even = self.evaluate_games % 2 == 0 <= self.evaluate_games
        require(self, "evaluate_games", "an even number (0: no evaluation)", even)


def to_json(config: Any) -> Any:
    """Plain JSON data of a configuration; alternatives carry their `kind`."""
    if not dataclasses.is_dataclass(config):
        return [to_json(item) for item in config] if isinstance(config, tuple) else config
    kind = {"kind": getattr(config, "kind")} if hasattr(config, "kind") else {}
    return kind | {f.name: to_json(getattr(config, f.name)) for f in dataclasses.fields(config)}


def from_json(kind: type[C], data: Any, where: str = "config") -> C:
    """The configuration that `to_json` wrote. Fields that `data` lacks take their defaults.

    Raises:
        UserError: an unknown field, a value of the wrong type, or one that is not allowed.
    """
    if not isinstance(data, dict):
        raise UserError(f"{where} is {data!r}; allowed: an object")
    hints = get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}  # pyright: ignore[reportArgumentType]
    unknown = sorted(set(data) - known - {"kind"})
    if unknown:
        raise UserError(f"{where} has no field {unknown[0]!r}{nearest(unknown[0], known)}")
    return kind(**{name: _value(hints[name], data[name], f"{where}.{name}") for name in known & set(data)})


def _value(hint: Any, data: Any, where: str) -> Any:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    parts: dict[str, Any] = {_kind(o): o for o in options if dataclasses.is_dataclass(o)}
    if parts:
        first = next(iter(parts))
        name = data.get("kind", first) if isinstance(data, dict) else first
        if name not in [*parts]:
            raise UserError(f"{where}.kind is {name!r}{nearest(str(name), parts)}")
        return from_json(parts[name], data, where)
    if get_origin(hint) is tuple:
        return _pairs(data, where)
    if get_origin(hint) is Literal:
        return data
    return _plain(options, data, where)


def _kind(config: Any) -> str:
    return getattr(config, "kind", config.__name__)


def _pairs(data: Any, where: str) -> tuple[tuple[str, Any], ...]:
    plain = (bool, int, float, str)
    for pair in data if isinstance(data, list) else [data]:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(item) in plain for item in pair)):
            raise UserError(f"{where} has {pair!r}; allowed: pairs of a name and a number, text or bool")
    return tuple((str(name), value) for name, value in data)


def _plain(options: tuple[Any, ...], data: Any, where: str) -> Any:
    if float in options and type(data) is int and int not in options:
        return float(data)
    if type(data) not in options:
        allowed = " or ".join(o.__name__ for o in options)
        raise UserError(f"{where} is {data!r}; allowed: {allowed}")
    return data
