"""Digests of training after some steps on fixed seeds, by case: what a change of the engine must not change.

They hold for one machine and one release of JAX, so no test compares them with a file. To see what a change
does, run this before and after it and compare the two files:

    python tests/training/digests.py before.json
    python tests/training/digests.py after.json --compare before.json

Fields of states may come, go or change their names: only parameters, metrics, payoffs and frozen players are
looked at.
"""

import argparse
import importlib
import json
import sys
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jaxplay.config import (
    AlphaZeroConfig,
    ExploiterConfig,
    GumbelConfig,
    LeagueConfig,
    MemberConfig,
    MinimaxConfig,
    MLPConfig,
    PUCTConfig,
    RefereeConfig,
    SelfPlayConfig,
    TrainingConfig,
)
from jaxplay.game import make
from jaxplay.training import against, make_training

SMALL = TrainingConfig(
    game="tic_tac_toe",
    network=MLPConfig(width=16, depth=1),
    search=PUCTConfig(num_simulations=4),
    selfplay=SelfPlayConfig(num_matches=16, num_plies=4, max_opening_plies=3),
    learner=AlphaZeroConfig(replay_positions=512, min_positions=64, batch_size=32, num_updates=2),
)
STEPS = 6


def _selfplay(**changes: Any) -> TrainingConfig:
    return replace(SMALL, selfplay=replace(SMALL.selfplay, **changes))


def _learner(**changes: Any) -> TrainingConfig:
    return replace(SMALL, learner=replace(SMALL.learner, **changes))


SELF_PLAY = {
    "puct": SMALL,
    "gumbel": replace(SMALL, search=GumbelConfig(num_simulations=8)),
    "playout cap": _selfplay(full_share=0.5, cheap_simulations=2),
    "kept trees": _selfplay(keep_nodes=4),
    "surprise": _selfplay(surprise_share=0.5),
    "resignation": _selfplay(resign_value=-0.05, resign_moves=1, resign_control=0.5),
    "reanalysis": _learner(reanalysis_plies=2),
    "value mix": _learner(value_mix=0.5),
    "reply": replace(SMALL, network=replace(SMALL.network, reply_head=True)),
    "endings": replace(
        SMALL,
        game="go",
        game_options=(("size", 3),),
        network=replace(SMALL.network, ending_heads=True),
        selfplay=replace(SMALL.selfplay, num_plies=8),
    ),
    "chance": replace(SMALL, game="pig", game_options=(("target", 20),)),
    "one player": replace(SMALL, game="twenty_forty_eight"),
    "two shards": replace(SMALL, num_shards=2),
}

MEMBER = MemberConfig(matches=16, lanes=2, min_steps=2, max_steps=3, min_games=1.0, confidence=0.5)
MODELS = replace(MEMBER, reset=1.0, models_opponent=True)
NOBODY = MemberConfig(count=0)


def _league(exploiters: MemberConfig, others: MemberConfig = NOBODY, **changes: Any) -> TrainingConfig:
    league = LeagueConfig(
        main_agents=replace(MEMBER, reset=0.5),
        main_exploiters=exploiters,
        league_exploiters=others,
        referees=RefereeConfig(matches=8, lanes=2),
        slots=4,
        **changes,
    )
    return replace(SMALL, league=league)


LEAGUES = {
    "league, all kinds": _league(
        replace(MODELS, minimax=MinimaxConfig("target", weight=0.75, anneal_updates=8)),
        replace(MEMBER, count=2, reset=0.25),
    ),
    "league, edge, replies without search": _league(
        replace(MODELS, minimax=MinimaxConfig("edge"), opponent_simulations=-1)
    ),
    "league, potential": _league(replace(MODELS, minimax=MinimaxConfig("potential"))),
}

EXPLOITERS = {
    f"exploiter, {form}": replace(
        SMALL,
        exploiter=ExploiterConfig(minimax=MinimaxConfig(form), models_opponent=form != "none"),
    )
    for form in ("target", "edge", "potential", "none")
}


def _crc(arrays: Any) -> int:
    crc = 0
    for leaf in jax.tree.leaves(jax.device_get(arrays)):
        crc = zlib.crc32(np.ascontiguousarray(leaf).tobytes(), crc)
    return crc


def run(config: TrainingConfig, steps: int = STEPS) -> dict[str, Any]:
    """What training came to: digests, and the metrics of the last step for people."""
    training = make_training(config)
    state = jax.jit(training.init)(jax.random.key(7))
    if config.exploiter is not None:
        other = jax.jit(training.init)(jax.random.key(8))
        state = against(config, state, other.learners[0].params)
    step, history = jax.jit(training.step), []
    for _ in range(steps):
        state, metrics = step(state)
        history.append({name: float(value) for name, value in sorted(metrics.items())})
    found: dict[str, Any] = {
        f"learner {i}": [_crc(learner.params), _crc(learner.ema), int(learner.updates)]
        for i, learner in enumerate(state.learners)
    }
    if config.league is not None:
        assert state.league is not None
        present = np.asarray(state.league.population.present)
        frozen = jax.tree.map(lambda leaf: np.asarray(leaf)[present], state.league.population.params)
        found["frozen"] = [_crc(frozen), np.asarray(state.league.population.generation).tolist()]
        found["payoff"] = _crc(state.league.payoff)
        found["resets"] = sum(metrics["resets"] for metrics in history)
    return found | {"metrics": history[-1]}


def meet(by_ply: bool) -> dict[str, Any]:
    """What a match of the arena came to; both kinds of loop."""
    warnings.simplefilter("ignore", DeprecationWarning)
    room = importlib.import_module("jaxplay.evaluate")  # the arena's name before and after
    game = make("tic_tac_toe")
    options: dict[str, Any] = {"num_games": 64, "opening_plies": 1, "by_ply": by_ply}
    found = room.arena(
        game, room.random_player(), room.mcts_player(game, 8), key=jax.random.key(3), **options
    )
    facts = {name: float(getattr(found, name)) for name in ("mean_plies", "mean_return", "score")}
    return {"wins": list(found.wins), "losses": list(found.losses), "metrics": facts}


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "arena": lambda: meet(by_ply=False),
    "arena, ply by ply": lambda: meet(by_ply=True),
} | {
    name: lambda config=config: run(config, 10 if config.league else STEPS)
    for name, config in (SELF_PLAY | LEAGUES | EXPLOITERS).items()
}


def _differences(before: Any, after: Any) -> list[str]:
    """Where two records of a case differ; metrics that are in both are compared."""
    names = [name for name in before if name != "metrics" and before[name] != after.get(name)]
    shared = set(before["metrics"]) & set(after["metrics"])
    return names + [
        f"{name} ({before['metrics'][name]:.6g}, {after['metrics'][name]:.6g})"
        for name in sorted(shared)
        if repr(before["metrics"][name]) != repr(after["metrics"][name])
    ]


def main() -> int:
    """Write a file of digests; with `--compare`, 1 where it differs from another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    args = parser.parse_args()
    found = {}
    for name, case in CASES.items():
        if args.only in name:
            found[name] = case()
            print(name, {k: v for k, v in found[name].items() if k != "metrics"}, flush=True)
    args.out.write_text(json.dumps(found, indent=1) + "\n")
    if args.compare is None:
        return 0
    before, equal = json.loads(args.compare.read_text()), True
    for name, after in found.items():
        differs = _differences(before[name], after) if name in before else ["not in the other file"]
        print(f"{name}: {'equal' if not differs else ', '.join(differs)}")
        equal = equal and not differs
    return int(not equal)


if __name__ == "__main__":
    sys.exit(main())
