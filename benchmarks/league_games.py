"""What a league is worth where exploitability is exact: matrix games and the disc, at equal numbers of games.

Each setting is a league of one or more learners, plain self-play among them. One step of a learner costs
`GAMES` games, those between frozen players cost too: at equal games, self-play takes more steps than any
league. What is measured: the first learner as it is (if it starts anew at every copy, its newest copy);
and of the frozen players the Nash mixture of their exact payoffs, that of their measured payoffs, and the
uniform mixture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.benchmarks.plans import GameRounds, checked
from jaxplay.benchmarks.toys import TOYS, Toy
from jaxplay.league import (
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    MAIN_EXPLOITER,
    LeagueState,
    Matchmaker,
    Role,
    by_nash,
    hard,
    least_measured,
    main_agent,
    main_exploiter,
    make_league,
    mixture,
    prioritized,
    psro,
    sample,
    self_play,
    tally,
    uniform,
)
from jaxplay.league import league_exploiter as league_exploiter_meta
from jaxplay.matrix_games import symmetric_nash
from jaxplay.matrix_games import uniform as evenly

GAMES = 64
"""That each learner plays in a step."""
REFEREED = 16
"""Games between frozen players in a step of a league, the least measured pairs first."""
SLOTS = 32
EVERY = 100
"""Steps from one frozen copy to the next; half of it to twice of it where winning decides."""
RATE = 0.1
PULL = 0.05
"""Share of its logits that a regularised learner loses at each step."""
MEASURES = ("main", "nash", "measured_nash", "uniform")


class Setting(NamedTuple):
    """A league and its learners.

    Attributes:
        roles: see `jaxplay.league.make_league`.
        matchmakers: see `jaxplay.league.make_league`.
        referees: frozen players meet each other.
        natural: see `Toy.ascend`.
        pull: share of the parameters that is lost at each step.
    """

    roles: tuple[Role, ...]
    matchmakers: tuple[Matchmaker, ...]
    referees: bool = True
    natural: bool = True
    pull: float = 0.0

    @property
    def games(self) -> int:
        """Of one step."""
        return GAMES * len(self.roles) + REFEREED * self.referees


def settings() -> dict[str, Setting]:
    """All of them by name."""

    def alone(
        matchmaker: Matchmaker, *, reset: float = 0.0
    ) -> tuple[tuple[Role, ...], tuple[Matchmaker, ...]]:
        return (Role(MAIN_AGENT, EVERY, EVERY, reset=reset),), (matchmaker,)

    def exploiter(kind: int, reset: float) -> Role:
        return Role(kind, EVERY // 2, 2 * EVERY, confidence=0.5, min_games=10.0, reset=reset)

    itself, nash = alone(self_play()), mixture((0.8, psro(by_nash(), every=10)), (0.2, uniform()))
    alphastar = (
        (
            Role(MAIN_AGENT, EVERY, EVERY),
            exploiter(MAIN_EXPLOITER, reset=1.0),
            exploiter(LEAGUE_EXPLOITER, reset=0.25),
        ),
        (mixture((0.9, main_agent()), (0.1, uniform())), main_exploiter(), league_exploiter_meta()),
    )
    return {
        "self_play": Setting(*itself, referees=False),
        "self_play_regularised": Setting(*itself, referees=False, pull=PULL),
        "self_play_and_past": Setting(*alone(mixture((0.5, self_play()), (0.5, prioritized(hard()))))),
        "fictitious": Setting(*alone(uniform(), reset=1.0)),
        "prioritized": Setting(*alone(prioritized(hard()))),
        "psro_nash": Setting(*alone(nash, reset=1.0)),
        "alphastar": Setting(*alphastar),
        "self_play_plain_gradient": Setting(*itself, referees=False, natural=False),
        "alphastar_plain_gradient": Setting(*alphastar, natural=False),
    }


@dataclass(frozen=True)
class Plan(GameRounds):
    """How much to play; each round has another first player."""

    @property
    def toys(self) -> dict[str, Toy]:
        """What is played. Raises `UserError` where there is no such game."""
        return {name: TOYS[name] for name in self.chosen(TOYS)}

    @property
    def num_games(self) -> int:
        """Of each training."""
        return 8_000 if self.quick else 640_000

    @property
    def looks(self) -> int:
        """How often is measured."""
        return 2 if self.quick else 16


def rows(names: Sequence[str], plan: Plan) -> Iterator[dict[str, Any]]:
    """A row for each game, setting and seed.

    Args:
        names: of settings; none: all.
        plan: how much.

    Raises:
        UserError: no such setting.
    """
    known = settings()
    chosen, seeds = checked("setting", names, known), plan.seeds
    for game, toy in plan.toys.items():
        for name in chosen:
            steps = max(plan.num_games // plan.looks // known[name].games, 1)
            keys = jnp.stack([jax.random.key(seed) for seed in seeds])
            curves = jax.device_get(train(toy, known[name], keys, steps, plan.looks))
            for i, seed in enumerate(seeds):
                curve = {measure: _rounded(found[i]) for measure, found in curves.items()}
                last = {measure: curve[measure][-1] for measure in MEASURES}
                total = {"steps": steps * plan.looks, "games": known[name].games * steps * plan.looks}
                yield {"game": game, "setting": name, "seed": seed} | total | last | {"curve": curve}


def train(toy: Toy, setting: Setting, keys: Array, num_steps: int, num_looks: int) -> dict[str, Array]:
    """Curves `(len(keys), num_looks)` of each of `MEASURES`.

    Args:
        toy: what is played.
        setting: by whom.
        keys: `(n,)`, a training for each.
        num_steps: from one measurement to the next.
        num_looks: measurements.
    """
    league = make_league(setting.roles, setting.matchmakers, SLOTS)
    step, num_learners = make_step(toy, setting), len(setting.roles)

    def look(carry: tuple[LeagueState, Array], key: Array) -> tuple[Any, dict[str, Array]]:
        carry, _ = jax.lax.scan(step, carry, jax.random.split(key, num_steps))
        state, params = carry
        payoff = league.standings(state).advantage[num_learners:, num_learners:]
        people = state.population
        newest = jnp.argmax(jnp.where(people.present & (people.parent == 0), people.born, -1))
        main = people.params[newest] if setting.roles[0].reset else params[0]
        return carry, measure(toy, main, people.params, people.present, payoff)

    def one(key: Array) -> dict[str, Array]:
        key_first, key_run = jax.random.split(key)
        first = jax.random.normal(key_first, toy.table.shape[:1]) * (1.0 if toy.mixes else 0.3)
        start = (league.init(first), jnp.tile(first, (num_learners, 1)))
        return jax.lax.scan(look, start, jax.random.split(key_run, num_looks))[1]

    return jax.jit(lambda keys: jax.lax.map(one, keys))(keys)


def make_step(toy: Toy, setting: Setting) -> Any:
    """One step of all learners, for `jax.lax.scan`: carries the league and parameters `(L, D)`."""
    league, num_learners = make_league(setting.roles, setting.matchmakers, SLOTS), len(setting.roles)

    def step(carry: tuple[LeagueState, Array], key: Array) -> tuple[tuple[LeagueState, Array], None]:
        state, params = carry
        key_sample, key_pairs, key_games, key_league = jax.random.split(key, 4)
        strategies = toy.strategy(jnp.concatenate([params, state.population.params]))
        probs, keys = league.opponents(state), jax.random.split(key_sample, num_learners)
        sampled = jnp.stack([sample(keys[i], probs[i], GAMES) for i in range(num_learners)])
        players = jnp.stack([jnp.repeat(jnp.arange(num_learners), GAMES), sampled.reshape(-1)], axis=1)
        counted = jnp.ones(sampled.size, bool)
        if setting.referees:
            pairs, exist = least_measured(key_pairs, league.standings(state), REFEREED)
            players, counted = jnp.concatenate([players, pairs]), jnp.concatenate([counted, exist])
        won = toy.play(key_games, strategies[players[:, 0]], strategies[players[:, 1]])
        fresh = tally(len(strategies), players, jnp.stack([won, -won], axis=1), counted)
        targets = strategies[sampled].mean(axis=1)
        params = jax.vmap(lambda p, t: toy.ascend(p, t, RATE, natural=setting.natural))(params, targets)
        params = (1.0 - setting.pull) * params
        state, changes = league.advance(state, fresh, list(params), key_league)
        anew = state.population.params[changes.source]
        return (state, jnp.where(changes.reset[:, None], anew, params)), None

    return step


def measure(toy: Toy, main: Array, frozen: Array, present: Array, payoff: Array) -> dict[str, Array]:
    """Exploitability of a player, and of mixtures over frozen ones: `MEASURES`, `()` each.

    Args:
        toy: what is played.
        main: `(D,)` parameters.
        frozen: `(C, D)` parameters.
        present: `(C,)` bool.
        payoff: `(C, C)`, antisymmetric, what was measured of the frozen players' games.
    """
    strategies = toy.strategy(frozen)
    exact = toy.gain(strategies[:, None], strategies[None])
    mixtures = {
        "nash": symmetric_nash(exact, present),
        "measured_nash": symmetric_nash(payoff, present),
        "uniform": evenly(present),
    }
    alone = {"main": toy.exploitability(toy.strategy(main))}
    return alone | {name: toy.exploitability(weights @ strategies) for name, weights in mixtures.items()}


def _rounded(curve: np.ndarray) -> list[float]:
    return [round(float(x), 5) for x in curve]
