"""Holes that were planted into a player: which of them an exploiter finds, and in how many games.

The player knows tic-tac-toe by heart. Into what it knows a hole is planted: an action that it never plays
where it can help it, a pair of cells that it does not see, or a blunder in one position behind a rare
opening. What a perfect opponent wins against it is computed, and so is what the exploiter's likeliest moves
win: the hole is found where that is half of it or more.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.benchmarks.exploiters import EXPLOITER
from jaxplay.benchmarks.holes import against_each_other, greedy_policy
from jaxplay.benchmarks.plans import Rounds, checked
from jaxplay.benchmarks.settings import whole
from jaxplay.config import MLPConfig, NetworkConfig, TrainingConfig
from jaxplay.errors import UserError
from jaxplay.evaluator import Network, Params, Prediction
from jaxplay.exploit import FORMS
from jaxplay.game import Game, make
from jaxplay.networks import build_network
from jaxplay.solve import compiled_exploitability, compiled_policy, reachable, solve
from jaxplay.struct import pytree, replace
from jaxplay.training import against, compile_step, make_training

GAME = "tic_tac_toe"
SETTINGS = ("avoided", "blind", "blunder")
LOUD = 1e4
"""A logit beside which others count nothing."""
WRONG = 20.0
"""How much less likely is a move that gives something away, as a logit."""
HIDDEN_CELLS = 2
LEAST_WORTH = 0.5
"""Of a hole: all games from one seat, in the mean of both."""
TRIES = 200


@dataclass(frozen=True)
class Plan(Rounds):
    """How many holes of each kind, and how long is looked for each.

    Attributes:
        games: Games that an exploiter plays in training, at most.
        looks: How often is measured on the way.
    """

    rounds: int = 10
    games: int = whole(8000, least=1, most=10_000_000)
    looks: int = whole(8)


@pytree
class Hole:
    """What is wrong with a player.

    Attributes:
        seen: of the shape of an observation, 1 where the network sees it, 0 where it sees 0.
        avoided: `(A,)` float32, 1 for actions that it plays only where nothing else is legal.
        pattern: an observation.
        blunder: `(A,)` float32, 1 for what it plays there; all 0: nothing else than elsewhere.
    """

    seen: Array
    avoided: Array
    pattern: Array
    blunder: Array


@dataclass(frozen=True)
class PlantedConfig(NetworkConfig):
    """A table of what to play, with a hole; its parameters are `(table (3^N, A), values (3^N,), Hole)`.

    N is the number of cells; what an observation shows in them are the digits of a row's number.
    """

    kind = "planted"


@build_network.register
def planted(config: PlantedConfig, game: Game[Any]) -> Network:
    """The player as a network. The hole is data: one program for all holes."""
    hole = nothing(game)
    rows = 3 ** math.prod(hole.seen.shape[:2])

    def init(key: Array) -> Params:
        return jnp.zeros((rows, game.num_actions)), jnp.zeros((rows,)), hole

    def apply(params: Params, observation: Array) -> Prediction:
        table, values, hole = params
        row = row_of(observation * hole.seen)
        there = jnp.all(observation == hole.pattern)
        logits = table[row] - LOUD * hole.avoided + 2.0 * LOUD * there * hole.blunder
        return Prediction(logits, values[row])

    return Network(init, apply)


def row_of(observation: Array) -> Array:
    """`()` int32: the row of a table for an observation `(rows, columns, 2)` of 0 and 1."""
    digits = (observation @ jnp.array([1.0, 2.0])).reshape(-1).astype(jnp.int32)
    return digits @ jnp.asarray(3 ** np.arange(digits.shape[0]), jnp.int32)


@cache
def knowledge() -> tuple[Array, Array]:
    """Exact play as a table `(3^N, A)` of logits and one of values; zeros where no position is."""
    game = make(GAME)
    known = solve(game)
    rows = np.asarray(jax.vmap(lambda state: row_of(game.observe(state)))(known.graph.states))
    awaits = ~known.graph.states.terminated
    size = 3 ** math.prod(nothing(game).seen.shape[:2])
    table, values = np.zeros((size, game.num_actions), np.float32), np.zeros(size, np.float32)
    table[rows[awaits]] = np.where(known.optimal, 0.0, -WRONG)[awaits]
    values[rows] = known.values[np.arange(len(rows)), known.graph.player]
    return jnp.asarray(table), jnp.asarray(values)


def nothing(game: Game[Any]) -> Hole:
    """No hole at all."""
    start = jax.eval_shape(lambda key: game.observe(game.init(key)), jax.eval_shape(jax.random.key, 0))
    actions = jnp.zeros((game.num_actions,), jnp.float32)
    return Hole(jnp.ones(start.shape, start.dtype), actions, jnp.zeros(start.shape, start.dtype), actions)


class Exact(NamedTuple):
    """Of the player and its exploiters, compiled.

    Attributes:
        worth: `params of the planted player -> ()`, what a perfect opponent wins of it, in the mean of both
            seats.
        won: `params of an exploiter, those of the player -> ()`, what its likeliest moves win.
    """

    worth: Callable[[Params], Array]
    won: Callable[[Params, Params], Array]


def rows(settings: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each hole, as its exploiter is done.

    Args:
        settings: of `SETTINGS`; none: all.
        plan: how many holes, and how long.

    Raises:
        UserError: no such setting.
    """
    chosen = checked("setting", settings, SETTINGS)
    config = make_config(quick=plan.quick)
    exact, training = measures(config.network), make_training(config)
    init = jax.jit(training.init)
    step: Any = compile_step(training).lower(jax.eval_shape(training.init, jax.random.key(0))).compile()
    for seed in plan.seeds:
        for setting in chosen:
            player = *knowledge(), plant(setting, exact, np.random.default_rng(seed))
            state = against(config, init(jax.random.key(seed)), player)
            yield {"setting": setting, "seed": seed} | _exploit(state, step, player, exact, plan)


def _exploit(state: Any, step: Any, player: Params, exact: Exact, plan: Plan) -> dict[str, Any]:
    """Train an exploiter until it finds the hole, or its games are used up."""
    worth, games, won = float(exact.worth(player)), 0.0, 0.0
    curve: dict[str, list[float]] = {"games": [], "won": []}
    marks = [plan.games * look / plan.looks for look in range(1, plan.looks + 1)]
    for mark in marks[:1] if plan.quick else marks:
        while games < mark and not (plan.quick and games):
            state, metrics = step(state)
            games += float(metrics["games"])
        won = float(exact.won(state.learners[0].ema, player))
        curve["games"].append(games)
        curve["won"].append(round(won, 4))
        if won >= worth / 2.0:
            break
    found = won >= worth / 2.0
    return {"worth": worth, "won": won, "found": found, "games": games, "curve": curve}


def make_config(*, quick: bool = False) -> TrainingConfig:
    """The training of an exploiter; `quick` makes it tiny."""
    exploiter = replace(FORMS["target"], opponent_network=PlantedConfig(), opponent_simulations=-1)
    learner = replace(EXPLOITER.learner, replay_positions=16_384, min_positions=1024)
    play = replace(EXPLOITER.selfplay, max_opening_plies=4)
    if quick:
        learner = replace(learner, replay_positions=256, min_positions=32, batch_size=8, num_updates=1)
        play = replace(play, num_matches=16)
    small = MLPConfig(width=8 if quick else 64, depth=1)
    return replace(
        EXPLOITER,
        game=GAME,
        network=small,
        selfplay=play,
        learner=replace(learner, augment=False),
        exploiter=exploiter,
    )


@cache
def measures(exploiter: NetworkConfig) -> Exact:
    """Exact measures over all positions of the game, of exploiters with such a network."""
    game = make(GAME)
    graph = reachable(game)
    gaps, first = compiled_exploitability(graph), jnp.asarray(graph.player == 0)[:, None]
    theirs, mine = (
        compiled_policy(graph, greedy_policy(build_network(network, game).on(game)))
        for network in (PlantedConfig(), exploiter)
    )

    def won(own: Params, player: Params) -> Array:
        both = jnp.stack([mine(own), theirs(player)])
        return against_each_other(both, lambda played: gaps(played).values[0], first)[1][0, 1]

    return Exact(jax.jit(lambda player: gaps(theirs(player)).exploitability), jax.jit(won))


def plant(setting: str, exact: Exact, chance: np.random.Generator) -> Hole:
    """A hole of a kind, by chance, that costs the player at least all games from one seat."""
    game, propose = make(GAME), PROPOSE[setting]
    for _ in range(TRIES):
        holes = propose(game, chance)
        worth = [float(exact.worth((*knowledge(), hole))) for hole in holes]
        if worth and max(worth) >= LEAST_WORTH:
            return holes[int(np.argmax(worth))]
    raise UserError(f"no hole of kind {setting!r} was found in {TRIES} tries")


def _avoided(game: Game[Any], chance: np.random.Generator) -> list[Hole]:
    """An action that it never plays."""
    action = jax.nn.one_hot(int(chance.integers(game.num_actions)), game.num_actions)
    return [replace(nothing(game), avoided=action)]


def _blind(game: Game[Any], chance: np.random.Generator) -> list[Hole]:
    """Cells in which it sees nothing."""
    hole = nothing(game)
    rows, columns = hole.seen.shape[:2]
    cells = chance.choice(rows * columns, HIDDEN_CELLS, replace=False)
    return [replace(hole, seen=hole.seen.at[cells // columns, cells % columns].set(0))]


def _blunder(game: Game[Any], chance: np.random.Generator) -> list[Hole]:
    """Each move in a position of its own that random play against it comes to."""
    table, _ = knowledge()
    state, seat = game.init(jax.random.key(0)), int(chance.integers(2))
    decisions = int(chance.integers(1, 4))
    while not state.terminated:
        legal = np.flatnonzero(state.legal_action_mask[: game.num_actions])
        if int(state.current_player) != seat:
            state = _stepped(game)(state, int(chance.choice(legal)))
            continue
        if decisions == 0:
            hole = replace(nothing(game), pattern=game.observe(state))
            return [replace(hole, blunder=jax.nn.one_hot(move, game.num_actions)) for move in legal]
        logits = np.asarray(table[row_of(game.observe(state))])[legal]
        state, decisions = _stepped(game)(state, int(legal[np.argmax(logits)])), decisions - 1
    return []


PROPOSE: dict[str, Callable[[Game[Any], np.random.Generator], list[Hole]]] = {
    "avoided": _avoided,
    "blind": _blind,
    "blunder": _blunder,
}
"""`game, chance ->` holes of a kind, of which the dearest is taken."""


@cache
def _stepped(game: Game[Any]) -> Any:
    return jax.jit(game.step)
