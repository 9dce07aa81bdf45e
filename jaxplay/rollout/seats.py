"""The `seats` dispatch: many games at once among entrants who hold seats, until the games end.

E entrants, each a program with parameters, play M matches. A ply asks each entrant about M / E of them, in
which it is to move: so nothing is evaluated twice, and every program sees batches of one size. Where more
than that wait for an entrant, those with the fewest plies come first, and the others wait a ply.

The same functions make two loops: `play_on_device` is one compiled program; `play_by_ply` has the host
between plies, so that each entrant's program is compiled once for all whom it meets.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import cycle, islice, permutations
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import Game
from jaxplay.rollout.episode import advance, final_returns, is_cut, opening, select
from jaxplay.rollout.sanity import broken_by_games

Act = Callable[[Any, Array, Any], Array]
"""`(params, key, states (B, ...)) -> (B,) int32`: one action for each state, jittable.

It is also called on states that are over or where somebody else is to move; what it says there is ignored.
"""


class Rules(NamedTuple):
    """What the compiled functions are made for.

    Attributes:
        game: that is played.
        num_entrants: E.
        max_opening_plies: no opening has more random plies.
    """

    game: Game[Any]
    num_entrants: int
    max_opening_plies: int


class Seating(NamedTuple):
    """Who plays M matches, M being a multiple of E; E in a row have one opening, and the same chance.

    Attributes:
        seats: `(M, P)` int32, which entrant sits on each seat.
        opening_plies: `(M,)` int32, random plies before the entrants take over.
        wanted: `(M,)` bool, matches that are played; the others only fill the batch.
    """

    seats: Array
    opening_plies: Array
    wanted: Array


class Results(NamedTuple):
    """How M matches ended.

    Attributes:
        returns: `(M, P)` float32, by seat.
        plies: `(M,)` int32, decisions taken, those of the opening included.
        truncated: `(M,)` bool, cut at the bound of plies.
        illegal: `(E,)` int32, illegal choices of each entrant.
        broken: `()` int32 for each of `jaxplay.rollout.sanity.LAWS`, how often it was broken.
    """

    returns: Array | np.ndarray
    plies: Array | np.ndarray
    truncated: Array | np.ndarray
    illegal: Array | np.ndarray
    broken: dict[str, Array]


class _Matches(NamedTuple):
    """M matches under way: returns `(M, P)`, plies `(M,)`, illegal choices `(E,)`, empty masks `()`."""

    states: Any
    returns: Array
    plies: Array
    illegal: Array
    empty: Array


class _Turns(NamedTuple):
    """Whom to ask about what at a ply.

    Attributes:
        asked: `(E,)` bool, who is to move anywhere; nobody is when all matches are over.
        places: `(E, M / E)` int32, the matches about which each entrant is asked.
        valid: `(E, M / E)` bool, whether it is to move there.
        states: `(E, M / E, ...)`; None where they have been handed out.
    """

    asked: Array
    places: Array
    valid: Array
    states: Any


def rotations(sides: np.ndarray, num_entrants: int, num_matches: int) -> np.ndarray:
    """`(M, P)` int32: seats in which each entrant sits on each side equally often.

    E matches in a row have the entrants in one order around the table, each time begun at another; then comes
    the next order, until all (E - 1)! have had their turn.

    Args:
        sides: `(P,)` int, the side of each seat, from 0 to E - 1: seats of one side belong to one entrant.
        num_entrants: E.
        num_matches: M, a multiple of E.
    """
    orders = permutations(range(1, num_entrants))
    first = np.array([(0, *order) for order in islice(cycle(orders), num_matches // num_entrants)], np.int32)
    shift = np.arange(num_entrants)[:, None]
    return first[:, (sides[None] - shift) % num_entrants].reshape(num_matches, len(sides))


def match_keys(key: Array, num_matches: int, num_entrants: int) -> tuple[Array, Array]:
    """Keys `(M / E, 2)`, of opening and later chance, of E matches in a row each; and the players' key."""
    key_matches, key_act = jax.random.split(key)
    return jax.random.split(key_matches, (num_matches // num_entrants, 2)), key_act


def play_on_device(
    rules: Rules, acts: tuple[Act, ...], params: tuple[Any, ...], key: Array, seating: Seating
) -> Results:
    """Play matches to their ends in one compiled loop.

    Args:
        rules: static.
        acts: the program of each entrant.
        params: its parameters.
        key: all randomness.
        seating: who plays.
    """
    return _play(rules, acts, _alike(acts, params), params, key, seating)


def play_by_ply(
    rules: Rules,
    acts: tuple[Act, ...],
    params: tuple[Any, ...],
    key: Array,
    seating: Seating,
    watch: Callable[[Array, Array], Any] = lambda actions, moved: None,
) -> Results:
    """What `play_on_device` does, with the host between plies.

    `watch` is given the action of each match at each ply, `(M,)` int32, and where there is one, `(M,)` bool.
    """
    matches, chance, key_act = _begin(rules, key, seating)
    programs, count = [program(act) for act in acts], 0
    idle = np.zeros(len(seating.seats) // len(acts), np.int32)
    while True:
        turns, parts, keys = _ask_each(rules, matches, seating, key_act, count)
        asked = np.asarray(turns.asked)
        if not asked.any():
            return _finish(rules, matches, seating)
        actions = [
            program(params[k], keys[k], parts[k]) if asked[k] else idle for k, program in enumerate(programs)
        ]
        matches, played, moved = _answer(rules, matches, turns, actions, chance)
        watch(played, moved)
        count += 1


@cache
def program(act: Act) -> Any:
    """`act` compiled by itself; the same function gives the same program."""
    return jax.jit(act)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _play(
    rules: Rules, acts: tuple[Act, ...], alike: bool, params: tuple[Any, ...], key: Array, seating: Seating
) -> Results:
    """One loop of all plies; `alike` entrants have their program compiled once."""
    matches, chance, key_act = _begin(rules, key, seating)
    stacked = jax.tree.map(lambda *x: jnp.stack(x), *params) if alike else None

    def choose(keys: Array, states: Any) -> Any:
        if alike:
            return jax.lax.map(lambda x: acts[0](*x), (stacked, keys, states))
        return [act(*x) for act, *x in zip(acts, params, keys, _apart(states, len(acts)), strict=True)]

    def ply(carry: tuple[_Matches, Array]) -> tuple[_Matches, Array]:
        matches, count = carry
        turns = _ask(rules, matches, seating)
        actions = choose(_act_keys(rules, key_act, count), turns.states)
        return _answer(rules, matches, turns, actions, chance)[0], count + 1

    def goes_on(carry: tuple[_Matches, Array]) -> Array:
        return _alive(rules, carry[0], seating).any()

    return _finish(rules, jax.lax.while_loop(goes_on, ply, (matches, jnp.int32(0)))[0], seating)


def _alike(acts: tuple[Act, ...], params: tuple[Any, ...]) -> bool:
    """Whether several entrants differ in the values of their parameters only."""
    forms = [jax.tree.map(lambda x: (jnp.shape(x), jnp.result_type(x)), one) for one in params]
    return len(acts) > 1 and len(set(acts)) == 1 and all(form == forms[0] for form in forms)


def _act_keys(rules: Rules, key: Array, count: Array) -> Array:
    """`(E,)`: the keys of the entrants at a ply."""
    return jax.random.split(jax.random.fold_in(key, count), rules.num_entrants)


def _apart(states: Any, num_entrants: int) -> list[Any]:
    """Of states `(E, B, ...)` those of each entrant, `(B, ...)`."""
    return [jax.tree.map(lambda x, k=k: x[k], states) for k in range(num_entrants)]


@partial(jax.jit, static_argnums=0)
def _ask_each(
    rules: Rules, matches: _Matches, seating: Seating, key: Array, count: Array
) -> tuple[_Turns, list[Any], list[Array]]:
    """What `_ask` says, the states and the key of each entrant."""
    turns, keys = _ask(rules, matches, seating), _act_keys(rules, key, count)
    return turns._replace(states=None), _apart(turns.states, rules.num_entrants), list(keys)


@partial(jax.jit, static_argnums=0)
def _begin(rules: Rules, key: Array, seating: Seating) -> tuple[_Matches, Array, Array]:
    """The matches after their openings, the keys of later chance `(M,)`, and the key of the players."""
    num_entrants = rules.num_entrants
    keys, key_act = match_keys(key, len(seating.seats), num_entrants)
    begin = partial(opening, rules.game, most=rules.max_opening_plies)
    started = jax.vmap(begin)(keys[:, 0], num_plies=seating.opening_plies[::num_entrants])
    states, returns, plies = jax.tree.map(lambda x: jnp.repeat(x, num_entrants, axis=0), started)
    matches = _Matches(states, returns, plies, jnp.zeros(num_entrants, jnp.int32), jnp.int32(0))
    return matches, jnp.repeat(keys[:, 1], num_entrants), key_act


def _alive(rules: Rules, matches: _Matches, seating: Seating) -> Array:
    """`(M,)` bool: matches that are wanted and not over."""
    over = matches.states.terminated
    return seating.wanted & ~over & ~is_cut(rules.game, over, matches.plies)


def _ask(rules: Rules, matches: _Matches, seating: Seating) -> _Turns:
    """The matches in which each entrant moves; those that are behind come first."""
    alive, num_entrants = _alive(rules, matches, seating), rules.num_entrants
    mover = matches.states.current_player[:, None]
    owner = jnp.take_along_axis(seating.seats, mover, axis=1, mode="clip")[:, 0]
    mine = alive[None] & (owner[None] == jnp.arange(num_entrants)[:, None])
    waiting = jnp.where(mine, matches.plies[None], jnp.iinfo(jnp.int32).max)
    places = jnp.argsort(waiting, axis=1, stable=True)[:, : len(alive) // num_entrants]
    valid = jnp.take_along_axis(mine, places, axis=1)
    return _Turns(valid.any(axis=1), places, valid, jax.tree.map(lambda x: x[places], matches.states))


@partial(jax.jit, static_argnums=0)
def _answer(
    rules: Rules, matches: _Matches, turns: _Turns, actions: Any, chance: Array
) -> tuple[_Matches, Array, Array]:
    """The matches after `actions`, `(M / E,)` of each entrant; what was played `(M,)`, and where `(M,)`.

    The first legal action stands for one that is illegal.
    """
    mask, num_matches = matches.states.legal_action_mask[turns.places], len(chance)
    actions = jnp.stack(actions) if isinstance(actions, list) else actions
    legal = jnp.any(mask & (jnp.arange(mask.shape[-1])[None, None] == actions[..., None]), axis=-1)
    empty = turns.valid & ~mask.any(axis=-1)
    actions = jnp.where(legal, actions, jnp.argmax(mask, axis=-1))
    place = jnp.where(turns.valid, turns.places, num_matches)
    played = jnp.zeros(num_matches, jnp.int32).at[place].set(actions.astype(jnp.int32), mode="drop")
    moved = jnp.zeros(num_matches, bool).at[place].set(True, mode="drop")
    keys = jax.vmap(jax.random.fold_in)(chance, matches.plies)
    after = jax.vmap(partial(advance, rules.game))(matches.states, played, keys)
    matches = _Matches(
        select(moved, after, matches.states),
        matches.returns + jnp.where(moved[:, None], after.rewards, 0.0),
        matches.plies + moved.astype(jnp.int32),
        matches.illegal + jnp.sum(turns.valid & ~legal & ~empty, axis=1),
        matches.empty + jnp.sum(empty),
    )
    return matches, played, moved


@partial(jax.jit, static_argnums=0)
def _finish(rules: Rules, matches: _Matches, seating: Seating) -> Results:
    """What the matches came to."""
    game, over = rules.game, matches.states.terminated
    broken = broken_by_games(game, matches.returns, over & seating.wanted) | {"empty_masks": matches.empty}
    returns = final_returns(game, matches.returns, ~over)
    return Results(returns, matches.plies, ~over, matches.illegal, broken)
