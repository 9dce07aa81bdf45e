"""How well methods of `jaxplay.dynamics` do what their papers promise, where the right answer is known.

A setting is a game, a method, what it is told, and a bound that the measured number is to keep.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay import dynamics
from jaxplay.benchmarks.plans import Rounds, checked
from jaxplay.benchmarks.sheriff import Sheriff
from jaxplay.dynamics import Feedback, Method, Table, coverage
from jaxplay.game import make
from jaxplay.games.matrix_game import NAMED
from jaxplay.matrix_games.correlated import Kind

ROUNDS = 20_000
"""Of most settings."""


class Exact(NamedTuple):
    """What is computed on the host, once for each seed.

    Attributes:
        measure: what is measured.
        value: `seed -> the number`.
        bound: of it.
        above: whether it is to be above the bound, not below.
    """

    measure: str
    value: Callable[[int], float]
    bound: float
    above: bool = False


class Setting(NamedTuple):
    """A run of `jaxplay.dynamics.run`.

    Attributes:
        table: makes the game.
        method: of all players.
        feedback: what they are told.
        rounds: that are played.
        measure: what counts: `last` or `average` gap, `regret` (the greatest of a player), or `swap`, what
            the best answers to the recommendations of mean joint play gain.
        bound: of it; None: it is there to compare with.
        above: whether it is to be above the bound, not below.
        double: whether in float64.
    """

    table: Callable[[], Table]
    method: Method
    feedback: Feedback
    rounds: int = ROUNDS
    measure: str = "average"
    bound: float | None = None
    above: bool = False
    double: bool = False


def cycle(size: int) -> np.ndarray:
    """`(K, K)`: preferences in which each item beats the next half of a circle, not all as often."""
    wins = np.full((size, size), 0.5)
    for item in range(size):
        for step in range(1, size // 2 + 1):
            other = (item + step) % size
            wins[item, other] = 0.6 + 0.35 * ((item * 7 + step * 3) % size) / size
            wins[other, item] = 1 - wins[item, other]
    return wins


def shapley() -> np.ndarray:
    """`(3, 3, 2)`: Shapley's game, in which fictitious play cycles."""
    return np.stack([np.eye(3), np.roll(np.eye(3), 1, axis=1)], axis=-1)


def three_players(seed: int = 0) -> np.ndarray:
    """`(3, 3, 3, 3)`: payoffs at random."""
    return np.random.default_rng(seed).uniform(size=(3, 3, 3, 3))


REFERENCE = (0.4, 0.3, 0.3)
SKEWED = np.array([[2.0, -1.0, 0.3], [-1.0, 1.0, 0.5], [0.2, -0.4, 1.5]])
"""What the column player pays; its equilibrium is not uniform."""


def _poker(name: str, **options: Any) -> Callable[[], Table]:
    return lambda: dynamics.extensive_form(make(name, **options))


def _normal(payoffs: Any) -> Callable[[], Table]:
    return lambda: dynamics.normal_form(payoffs)


def _bandits() -> dict[str, Setting]:
    told = dynamics.bandit()
    return {
        "balanced_kuhn": Setting(
            _poker("kuhn_poker"), dynamics.balanced_ftrl(0.003), told, 300_000, bound=0.02
        ),
        "adaptive_kuhn": Setting(_poker("kuhn_poker"), dynamics.adaptive_ftrl(), told, 300_000, bound=0.02),
        "balanced_liars_dice": Setting(
            _poker("liars_dice", sides=3), dynamics.balanced_ftrl(0.002), told, 200_000, bound=0.08
        ),
        "balanced_leduc": Setting(
            _poker("leduc_poker"), dynamics.balanced_ftrl(0.0005), told, 200_000, bound=1.1
        ),
    }


def _noises() -> dict[str, Setting]:
    noise = dynamics.noisy(multiplicative=3.0)
    options: dict[str, Any] = {
        "table": dynamics.Bilinear,
        "feedback": noise,
        "measure": "last",
        "double": True,
    }
    return {
        "noise_separated": Setting(method=dynamics.og_plus(0.3, 0.02), bound=1e-20, **options),
        "noise_separated_opt_da": Setting(method=dynamics.opt_da_plus(0.3, 0.02), bound=1e-20, **options),
        "noise_equal": Setting(
            method=dynamics.og_plus(0.1, 0.1), bound=1.0, above=True, rounds=2_000, **options
        ),
    }


def _delays() -> dict[str, Setting]:
    found = {}
    for least, most in ((1, 1), (8, 8), (64, 64), (1, 64)):
        told, name = dynamics.delayed(least, most), f"{least}" if least == most else f"{least}_to_{most}"
        for kind, method, bound in (
            ("plain", dynamics.delayed_dual_averaging(0.1, optimism=0.0, decay=0.25, start=0.5), None),
            ("optimistic", dynamics.delayed_dual_averaging(0.1, decay=0.25, start=0.5), 0.02),
            ("banker", dynamics.banker(0.5, longest=most), None),
        ):
            found[f"delay_{name}_{kind}"] = Setting(_normal(SKEWED), method, told, ROUNDS, "regret", bound)
    return found


def _preferences() -> dict[str, Setting]:
    regular = dynamics.inpo(REFERENCE, weight=0.1, step=0.5)
    found = {
        f"spo_{size}": Setting(
            lambda size=size: dynamics.preferences(cycle(size)),
            dynamics.spo(0.01),
            dynamics.comparisons(16, 64),
            50_000,
            bound=0.01,
        )
        for size in (3, 5)
    }
    pulled = Setting(
        lambda: dynamics.preferences(cycle(3), REFERENCE, 0.1),
        regular,
        dynamics.exact(),
        2_000,
        "last",
        1e-8,
        double=True,
    )
    data = Setting(
        lambda: dynamics.imitation(np.arange(1, 11)), dynamics.spin(), dynamics.exact(), 1_000, "last", 1e-4
    )
    return found | {"inpo": pulled, "spin": data}


def _correlated() -> dict[str, Setting]:
    found = {}
    tables = {"chicken": NAMED["chicken"].payoffs, "shapley": shapley()}
    tables |= {f"three_players_{seed}": three_players(seed) for seed in range(3)}
    for name, payoffs in tables.items():
        for kind, method, measure in (
            ("hedge", dynamics.hedge(0.2, start=0.5), "regret"),
            ("swap", dynamics.blum_mansour(0.5, start=0.5), "swap"),
        ):
            found[f"{kind}_{name}"] = Setting(
                _normal(payoffs), method, dynamics.exact(), ROUNDS, measure, 1e-3
            )
    return found


def _leaders(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Payoffs at random of a leader with two actions and a follower with four."""
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(2, 4)), rng.uniform(size=(2, 4))


def _short_of_commitment(seed: int) -> float:
    """What a leader who learned from honest answers earns less than by the linear program."""
    leader, follower = _leaders(seed)
    lesson = dynamics.learn_commitment(leader, dynamics.best_responder(leader, follower))
    return dynamics.stackelberg(leader, follower).leader - lesson.commitment.leader


def _pretending(seed: int) -> float:
    """What the follower earns more by pretending, in the mean of ten games that the leader learned."""
    gains = []
    for game in range(10 * seed, 10 * seed + 10):
        leader, follower = _leaders(game)
        pretended = dynamics.best_responder(leader, dynamics.deception(leader, follower).payoffs)
        seen = dynamics.learn_commitment(leader, pretended, tolerance=1e-9).commitment
        honest = dynamics.stackelberg(leader, follower).follower
        gains.append(float(seen.mixture @ follower[:, seen.answer]) - honest)
    return float(np.mean(gains))


COVERED = np.array([[0.5, 0.9, 0.8], [0.1, 0.4, 0.6], [0.2, 0.9, 0.1]])
"""Rewards whose equilibrium are the first actions."""
TWINS = np.array([[[0.5, 0.9], [0.0, 0.1]], [[0.5, 0.9], [1.0, 0.1]]])
"""Rewards that differ in one joint action only."""
COMPARISONS = 2_000
"""Of each pair of joint actions."""


def _with_coverage(seed: int) -> float:
    """The gap of what is learned from comparisons of the equilibrium with all deviations of one player."""
    pairs = coverage.unilateral_pairs(COVERED.shape, (0, 0), COMPARISONS)
    estimate = coverage.fit(coverage.compare(COVERED, pairs, seed), COVERED.shape)
    return coverage.nash_gap(COVERED, *coverage.cautious_equilibrium(estimate, 1.0))


def _without_coverage(seed: int) -> float:
    """The larger gap of two games that the same data do not tell apart."""
    pairs = np.repeat([(0, 1), (0, 3)], COMPARISONS, axis=0)
    estimate = coverage.fit(coverage.compare(TWINS[0], pairs, seed), TWINS[0].shape)
    play = coverage.cautious_equilibrium(estimate, 1.0)
    return max(coverage.nash_gap(rewards, *play) for rewards in TWINS)


@cache
def _sheriff(kind: Kind, rounds: int) -> float:
    """What players gain by leaving what JPSRO found in Sheriff; nothing is random."""
    return dynamics.jpsro(dynamics.extensive_form(Sheriff(rounds=rounds)), kind=kind).gaps[-1]


HOST = {
    "stackelberg": Exact("leader's loss to the program", _short_of_commitment, 1e-3),
    "pretending": Exact("follower's gain", _pretending, 0.0, above=True),
    "coverage": Exact("gap", _with_coverage, 0.02),
    "no_coverage": Exact("gap", _without_coverage, 0.2, above=True),
    "jpsro_cce": Exact("gain of deviations", lambda seed: _sheriff("cce", 2), 5e-3),
    "jpsro_ce": Exact("gain of deviations", lambda seed: _sheriff("ce", 1), 5e-3),
}
"""Settings without rounds; of `jpsro` all seeds are the same."""
SETTINGS = _bandits() | _noises() | _delays() | _preferences() | _correlated()

ALL: dict[str, Setting | Exact] = SETTINGS | HOST
"""All settings by name."""


@dataclass(frozen=True)
class Plan(Rounds):
    """How much to learn."""


def rows(names: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each setting and seed.

    Args:
        names: of `ALL`; none: all.
        plan: how much.

    Raises:
        UserError: no such setting.
    """
    for name in checked("setting", names, ALL):
        setting = ALL[name]
        if isinstance(setting, Exact):
            for seed in plan.seeds:
                value = float(f"{setting.value(seed):.4g}")
                row = {"setting": name, "seed": seed, "rounds": 0, "measure": setting.measure, "value": value}
                yield row | {"bound": setting.bound, "kept": (value > setting.bound) == setting.above}
            continue
        for seed, curve in zip(plan.seeds, curves(setting, plan.seeds, quick=plan.quick), strict=True):
            value = curve[setting.measure][-1]
            kept = None if setting.bound is None else (value > setting.bound) == setting.above
            row = {"setting": name, "seed": seed, "rounds": curve["rounds"][-1], "measure": setting.measure}
            yield row | {"value": value, "bound": setting.bound, "kept": kept, "curve": curve}


def curves(setting: Setting, seeds: Sequence[int], *, quick: bool = False) -> list[dict[str, list[float]]]:
    """For each seed what was measured at each checkpoint."""
    swap, rounds = setting.measure == "swap", 20 if quick else setting.rounds
    with jax.enable_x64(setting.double):
        table = setting.table()
        outcome = dynamics.run(
            table,
            setting.method,
            setting.feedback,
            checkpoints=dynamics.spread(rounds),
            seeds=seeds,
            regret=setting.measure == "regret",
            joint=swap,
            dtype=jnp.float64 if setting.double else jnp.float32,
        )
        history, joint = jax.device_get((outcome.history, outcome.joint))
        found = []
        for i in range(len(seeds)):
            curve = {"rounds": history.rounds[i], "last": history.last[i], "average": history.average[i]}
            if setting.measure == "regret":
                curve["regret"] = history.regret[i].max(axis=-1)
            if swap:
                curve["swap"] = [_swap_gain(table, joint[i])]
            found.append({key: [float(f"{x:.4g}") for x in values] for key, values in curve.items()})
    return found


def _swap_gain(table: Any, joint: np.ndarray) -> float:
    from jaxplay.matrix_games import correlated_gaps

    return float(correlated_gaps(jnp.asarray(table.payoffs, jnp.float32), jnp.asarray(joint)).max())
