"""The memory of a training step, by part: the state exactly, what the step needs besides by its program.

The state's arrays are known by their shapes (`jax.eval_shape`). What the step holds besides, such as trees,
moves and activations, is estimated from its traced form (`jaxplay.planning.liveness`), which takes a second;
`compiled_bytes` is what a compiler reports of the compiled program.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax

from jaxplay.config import TrainingConfig
from jaxplay.game import Game
from jaxplay.planning.liveness import peak_bytes, size_of
from jaxplay.search import tree_bytes
from jaxplay.training import TrainState, compile_step, make_game, make_training


class Part(NamedTuple):
    """Something that takes memory.

    Attributes:
        what: It is called.
        size: Bytes that it takes.
        settings: Settings that it comes of, with their values.
    """

    what: str
    size: int
    settings: str = ""


@dataclass(frozen=True)
class Plan:
    """The memory of a training step.

    Attributes:
        state: Parts of the state, which is there all the time.
        besides: Parts of what a step needs while it runs: trees while it plays, activations while it learns.
        temporary: Bytes of the most that these are at a time.
    """

    state: tuple[Part, ...]
    besides: tuple[Part, ...]
    temporary: int

    @property
    def total(self) -> int:
        """Bytes of the state and of the most that a step needs besides."""
        return sum(part.size for part in self.state) + self.temporary

    @property
    def largest(self) -> Part:
        """The largest part."""
        return max((*self.state, *self.besides), key=lambda part: part.size)


def make_plan(config: TrainingConfig) -> Plan:
    """The plan of a training; its step is traced, nothing is compiled and nothing allocated.

    Args:
        config: what to train, and how.

    Raises:
        UserError: see `jaxplay.training.make_training`.
    """
    training, game = make_training(config), make_game(config)
    state = jax.eval_shape(training.init, jax.random.key(0))
    temporary = peak_bytes(jax.jit(training.step).trace(state).jaxpr)
    trees = _trees(config, game, state)
    rest = max(temporary - trees.size, 0) if trees.size < temporary else 0
    besides = [trees] if trees.size else []
    batch = getattr(config.learner, "batch_size", None)
    told = f"learner.batch_size {batch:,}" if batch else f"learner {config.learner.kind}"
    besides.append(Part("activations, moves", rest, told))
    return Plan(tuple(_state_parts(config, state)), tuple(besides), temporary)


def compiled_bytes(step: Any) -> int | None:
    """Bytes of a compiled step by its compiler's own report; None where it makes none.

    Args:
        step: what `jax.stages.Lowered.compile` returned.
    """
    report = step.memory_analysis()
    if report is None:
        return None
    ends = report.output_size_in_bytes - report.alias_size_in_bytes
    return report.argument_size_in_bytes + report.temp_size_in_bytes + ends


def compile_in_haste(config: TrainingConfig) -> Any:
    """The compiled step with code that is slow: its memory is that of the fast one."""
    training = make_training(config)
    state = jax.eval_shape(training.init, jax.random.key(0))
    return compile_step(training).lower(state).compile({"xla_backend_optimization_level": "0"})


def _state_parts(config: TrainingConfig, state: TrainState) -> Iterator[Part]:
    learners = state.learners
    network = f"network {config.network.kind}"
    yield Part("parameters", _bytes([each.params for each in learners]), network)
    yield Part("averaged parameters", _bytes([(each.ema, each.besides) for each in learners]), network)
    yield Part("optimizer", _bytes([each.opt_state for each in learners]), network)
    positions = getattr(config.learner, "replay_positions", 0)
    told = f"learner.replay_positions {positions:,}" if positions else f"learner {config.learner.kind}"
    yield Part("replay", _bytes([each.memory for each in learners]), told)
    matches = f"selfplay.num_matches {config.selfplay.num_matches:,}"
    yield Part("matches", _bytes(state.matches), matches)
    if state.league is not None:
        slots = f"league.slots {config.league.slots:,}" if config.league is not None else "one opponent"
        yield Part("population and payoffs", _bytes(state.league), slots)


def _trees(config: TrainingConfig, game: Game[Any], state: TrainState) -> Part:
    """The search trees of the learner that has most."""
    if not config.learner.searches:
        return Part("search trees", 0)
    matches = config.selfplay.num_matches // config.num_shards
    if state.league is not None:
        matches = (matches + 1) // 2  # half of the games search at a time
    simulations = config.search.num_simulations
    room = simulations + config.selfplay.keep_nodes
    told = f"selfplay.num_matches {config.selfplay.num_matches:,}, search.num_simulations {simulations:,}"
    return Part("search trees", matches * tree_bytes(game, room), told)


def _bytes(tree: Any) -> int:
    return sum(size_of(leaf) for leaf in jax.tree.leaves(tree))
