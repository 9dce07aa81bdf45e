"""Tabular solvers: CFR+ and exact exploitability, for one policy and for many, beside other libraries.

All cases of a game are timed in turn. Peers are OpenSpiel's CFR+ in Python and in C++, its CFR+ in JAX where
a checkout of OpenSpiel is to be had, and LiteEFG where it is installed; see `jaxplay.benchmarks.cfr_peers`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.benchmarks.cfr_peers import OPEN_SPIEL_POLICIES, SOLVERS, Peer
from jaxplay.benchmarks.env import num_bytes
from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.plans import checked
from jaxplay.benchmarks.settings import Peers
from jaxplay.game import make
from jaxplay.solve import SequenceForm, behaviour, cfr_plus, sequence_form

MANY = 64
"""Number of policies, or of seeds, that are computed in one call."""
OWN = ("cfr+", "cfr+_float32", f"cfr+_{MANY}")
"""Our cases of a game: in double precision, in single, and many seeds at once in single."""


class Table(NamedTuple):
    """A game that is measured.

    Attributes:
        name: of `jaxplay.make`.
        options: of the game.
        theirs: as OpenSpiel calls it.
        iterations: in one call of our programs, for one seed.
    """

    name: str
    options: dict[str, Any]
    theirs: str
    iterations: int


GAMES = {
    "kuhn_poker": Table("kuhn_poker", {}, "kuhn_poker", 10_000),
    "leduc_poker": Table("leduc_poker", {}, "leduc_poker", 1_000),
    "liars_dice_3": Table("liars_dice", {"sides": 3}, "liars_dice(dice_sides=3)", 1_000),
    "liars_dice_4": Table("liars_dice", {"sides": 4}, "liars_dice(dice_sides=4)", 500),
    "liars_dice_5": Table("liars_dice", {"sides": 5}, "liars_dice(dice_sides=5)", 100),
    "liars_dice_6": Table("liars_dice", {"sides": 6}, "liars_dice(dice_sides=6)", 50),
}
"""All games, by the names that `--games` takes."""
EXPLOITED = ("leduc_poker",)
"""Games in which the exploitability of policies is timed too."""


Options = Peers
"""What is measured; no games: all, or the smallest where sizes are tiny."""


def suites(options: Options) -> Iterator[list[Case]]:
    """For each game its solvers, side by side; then, for some, the exploitability of policies.

    Raises:
        UserError: a game is none of `GAMES`.
    """
    names = options.games or (("kuhn_poker",) if options.quick else tuple(GAMES))
    for name in checked("game", names, GAMES):
        form = sequence_form(make(GAMES[name].name, **GAMES[name].options))
        yield solver_cases(name, form, options)
        if name in EXPLOITED or options.quick:
            yield exploitability_cases(name, form, options)


def solver_cases(name: str, form: SequenceForm, options: Options) -> list[Case]:
    """CFR+ in a game: ours, and the peers."""
    iterations = 2 if options.quick else GAMES[name].iterations
    sizes = {"game": name, "infosets": form.tree.num_infosets, "histories": form.tree.num_histories}
    with jax.enable_x64(True):
        double = cfr_plus(form).init(jnp.float64)
    single = cfr_plus(form).init(jnp.float32)
    few = max(1, iterations // 20)
    tables = jnp.asarray(random_tables(form), jnp.float32)
    many = jax.vmap(lambda table: cfr_plus(form).init(policies=form.split(table)))(tables)
    first = f"{name}/{OWN[0]}"
    own = [
        _case(first, form, double, iterations, sizes, x64=True),
        _case(f"{name}/{OWN[1]}", form, single, iterations, sizes),
        _case(f"{name}/{OWN[2]}", form, many, few, sizes, seeds=MANY, against={f"{name}/{OWN[1]}": None}),
    ]
    if not options.peers:
        return own
    beside = tuple(f"{name}/{kind}" for kind in OWN)
    found = (make_peer(GAMES[name].theirs) for make_peer in SOLVERS)
    return own + [_peer_case(name, peer, "iteration", sizes, beside) for peer in found if peer is not None]


def _case(
    name: str,
    form: SequenceForm,
    state: Any,
    iterations: int,
    sizes: dict[str, Any],
    *,
    seeds: int | None = None,
    **options: Any,
) -> Case:
    update = cfr_plus(form).update if seeds is None else jax.vmap(cfr_plus(form).update)

    def run(state: Any) -> tuple[Any, Any]:
        state = jax.lax.fori_loop(0, iterations, lambda _, carried: update(carried), state)
        return state, jnp.sum(state.total)

    work = float(iterations * (seeds or 1))
    sizes = sizes | {"iterations": iterations, "seeds": seeds or 1}
    traffic = 2.0 * iterations * num_bytes(state)
    return Case(name, run, (state,), work, "iteration", carries=True, traffic=traffic, sizes=sizes, **options)


def exploitability_cases(name: str, form: SequenceForm, options: Options) -> list[Case]:
    """The exploitability of many policies in one call, beside OpenSpiel's of one after another."""
    with jax.enable_x64(True):
        tables = jnp.asarray(random_tables(form))
    kind, sizes = f"exploitability_{MANY}", {"game": name, "policies": MANY}

    def run(tables: Any) -> Any:
        return jax.vmap(lambda table: behaviour.gaps(form, table).exploitability)(tables)

    own = Case(f"{name}/{kind}", run, (tables,), float(MANY), "policy", x64=True, sizes=sizes)
    if not options.peers:
        return [own]
    made = (make_peer(GAMES[name].theirs) for make_peer in OPEN_SPIEL_POLICIES)
    return [own, *(_peer_case(name, peer, "policy", sizes, (own.name,)) for peer in made if peer is not None)]


def _peer_case(name: str, peer: Peer, unit: str, sizes: dict[str, Any], beside: tuple[str, ...]) -> Case:
    sizes = sizes | {"version": peer.version}
    return Case(
        f"{name}/{peer.name}", peer.run, (), peer.work, unit, on_host=True, peer_of=beside, sizes=sizes
    )


def random_tables(form: SequenceForm) -> np.ndarray:
    """`(MANY, I, A)` float64: policies at random."""
    weights = np.random.default_rng(0).exponential(size=(MANY, *form.tree.legal.shape)) * form.tree.legal
    return weights / weights.sum(axis=-1, keepdims=True)
