"""Random play: how fast games step, alone and with observations, against Pgx.

A batch of games plays inside one scan. Each ply every game takes the k-th of its legal moves, all of them by
one batch of uniform numbers, and begins anew where it ended. Both sides choose and begin anew in the same
way; a game without chance begins from a stored state.

`loop` and `pgx_loop` are what users write who think of nothing of this: `random_action`, `step`, `auto_reset`
here, and there the loop of Pgx's documentation (a categorical sample of the mask, its `auto_reset` wrapper).
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.benchmarks.harness import Case
from jaxplay.benchmarks.settings import Peers, several
from jaxplay.game import Game, auto_reset, fresh, make, names, random_action, resolve_chance, strip
from jaxplay.sampling import kth_set

BATCH_SIZE = 1024
NUM_PLIES = 100
KINDS = ("rules", "observed")
"""Our cases of a game."""

QUICK_GAMES = ("tic_tac_toe", "connect_four", "kuhn_poker")
"""At tiny sizes, where none are named."""

SIZES = {
    "go_19x19": ("go", {"size": 19}),
    "hex_9x9": ("hex", {"size": 9, "swap": False}),
}
"""Games of other sizes, measured where they are asked for."""

PGX_NAMES = {"go": "go_9x9", "leduc_poker": "leduc_holdem", "twenty_forty_eight": "2048"}
"""Games that Pgx calls otherwise."""


@dataclass(frozen=True)
class Options(Peers):
    """What is measured; no games: all, or three where sizes are tiny.

    Attributes:
        batch_sizes: Games that are played side by side, one case for each number; none: 1024.
    """

    batch_sizes: tuple[int, ...] = several()


def suites(options: Options) -> Iterator[list[Case]]:
    """The cases of each game and batch size: rules alone, with an observation each ply, and Pgx.

    Pgx always observes; both others are compared with it, and its plain loop with ours.

    The iterator goes on after an error, with the next game; the error has the name of the game as a note.
    """
    batch_sizes = options.batch_sizes or (16 if options.quick else BATCH_SIZE,)
    games = options.games or (QUICK_GAMES if options.quick else names())
    pairs = itertools.product(games, batch_sizes)
    return itertools.starmap(functools.partial(_suite, options), pairs)


def _suite(options: Options, name: str, batch_size: int) -> list[Case]:
    sizes = {"game": name, "batch_size": batch_size, "num_plies": 4 if options.quick else NUM_PLIES}
    try:
        base, size = SIZES.get(name, (name, {}))
        game = make(base, **size)
        own = [_own_case(f"{name}/{kind}", game, sizes, observed=kind == "observed") for kind in KINDS]
        return own + (_peer_cases(name, game, sizes) if options.peers else [])
    except Exception as error:
        error.add_note(f"{name}, batch size {batch_size}")
        raise


def _own_case(name: str, game: Game[Any], sizes: dict[str, Any], *, observed: bool) -> Case:
    keys = jax.random.split(jax.random.key(0), sizes["batch_size"])
    states = jax.jit(jax.vmap(lambda key: fresh(game, key)))(keys)

    def step(state: Any, action: Array, key: Array) -> Any:
        return resolve_chance(game, game.step(state, action), key)

    def init(key: Array) -> Any:
        return fresh(game, key)

    observe = game.observe if observed else None
    play = random_play(step, init, observe, chance=game.num_chance_outcomes > 0)
    return _case(name, play, states, sizes, num_bytes(jax.vmap(strip)(states)))


def _peer_cases(name: str, game: Game[Any], sizes: dict[str, Any]) -> list[Case]:
    """Pgx's game, and both sides' plain loops; nothing where Pgx lacks the game."""
    import pgx

    pgx_name: Any = PGX_NAMES.get(name, name)
    if pgx_name not in pgx.available_envs():
        return []
    env = pgx.make(pgx_name)
    if env.num_actions != game.num_actions:
        return []
    keys = jax.random.split(jax.random.key(0), sizes["batch_size"])
    states, own = jax.jit(jax.vmap(env.init))(keys), jax.vmap(lambda key: fresh(game, key))(keys)
    play = random_play(env.step, env.init, None, chance=game.num_chance_outcomes > 0)
    case = _case(f"{name}/pgx", play, states, sizes, num_bytes(states))
    plain = _case(f"{name}/loop", plain_loop(game), own, sizes, num_bytes(jax.vmap(strip)(own)))
    theirs = _case(f"{name}/pgx_loop", pgx_loop(env), states, sizes, num_bytes(states))
    return [
        replace(case, peer_of=tuple(f"{name}/{kind}" for kind in KINDS)),
        plain,
        replace(theirs, peer_of=(plain.name,)),
    ]


def _case(name: str, play: Callable[..., Any], states: Any, sizes: dict[str, Any], batch_bytes: int) -> Case:
    batch_size, num_plies = sizes["batch_size"], sizes["num_plies"]
    keys = jax.random.split(jax.random.key(1), num_plies)
    return Case(
        name=name,
        run=play,
        arguments=(states, keys),
        work=float(batch_size * num_plies),
        unit="ply",
        traffic=2.0 * batch_bytes * num_plies,
        sizes=sizes | {"state_bytes": batch_bytes // batch_size},
    )


def plain_loop(game: Game[Any]) -> Callable[[Any, Array], Any]:
    """Random play as a user of this library writes it: a function of states and keys to the last states."""

    def one(state: Any, key: Array) -> Any:
        key_action, key_chance, key_new = jax.random.split(key, 3)
        state = game.step(state, random_action(state.legal_action_mask, key_action))
        return auto_reset(game, resolve_chance(game, state, key_chance), key_new)

    return _loop(one)


def pgx_loop(env: Any) -> Callable[[Any, Array], Any]:
    """Random play as Pgx's documentation has it."""
    from pgx.experimental import auto_reset as pgx_auto_reset

    step = pgx_auto_reset(env.step, env.init)

    def one(state: Any, key: Array) -> Any:
        key_action, key_step = jax.random.split(key)
        action = jax.random.categorical(key_action, jnp.log(state.legal_action_mask.astype(jnp.float32)))
        return step(state, action, key_step)

    return _loop(one)


def _loop(one: Callable[[Any, Array], Any]) -> Callable[[Any, Array], Any]:
    def ply(states: Any, key: Array) -> tuple[Any, None]:
        keys = jax.random.split(key, states.terminated.shape[0])
        return jax.vmap(one)(states, keys), None

    return lambda states, keys: jax.lax.scan(ply, states, keys)[0]


def random_play(
    step: Callable[[Any, Array, Array], Any],
    init: Callable[[Array], Any],
    observe: Callable[[Any], Array] | None,
    *,
    chance: bool,
) -> Callable[[Any, Array], Any]:
    """Plays a ply for each key; every function is of one game.

    Args:
        step: of a state, an action and a key, to the next state in which a player decides.
        init: a new game.
        observe: what is computed of each state besides; None where the state holds it, or nothing.
        chance: whether new games differ; if not, one is stored and copied.

    Returns:
        A function of states and keys to the last states and the last observations.
    """
    stored = None if chance else jax.jit(init)(jax.random.key(0))

    def ply(states: Any, key: Array) -> tuple[Any, None]:
        states, _ = states
        key_action, key_step, key_init = jax.random.split(key, 3)
        mask = states.legal_action_mask
        actions = jax.vmap(kth_set)(mask, jax.random.uniform(key_action, mask.shape[:1]))
        states = jax.vmap(step)(states, actions, jax.random.split(key_step, mask.shape[0]))
        new = jax.vmap(init)(jax.random.split(key_init, mask.shape[0])) if chance else stored
        states = jax.tree.map(lambda old, start: _where(states.terminated, start, old), states, new)
        return (states, _observe(states)), None

    def _observe(states: Any) -> Any:
        return None if observe is None else jax.vmap(observe)(states)

    return lambda states, keys: jax.lax.scan(ply, (states, _observe(states)), keys)[0]


def _where(condition: Array, yes: Array, no: Array) -> Array:
    """`where` along the leading axis of `no`; `yes` may lack that axis. Typed keys are taken too."""
    yes = jnp.broadcast_to(yes, no.shape)
    return jax.vmap(jnp.where)(condition, yes, no)


def num_bytes(tree: Any) -> int:
    """Bytes of all arrays of a tree."""
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))
