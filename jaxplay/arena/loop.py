"""The loop of the arena: many games between the same players, ply by ply, on the device.

A ply asks each player about half the games, those where it is to move, so nothing is evaluated
twice; who is behind moves first, and a game beyond the half waits a ply.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game import Game, fresh, random_action, resolve_chance

Act = Callable[[Any, Array, Any], Array]
"""`(params, key, states (B, ...)) -> (B,) int32`: one action for each state, jittable.

It is also called on states that are over or where the other player is to move; what it says there
is ignored.
"""


class _Games(NamedTuple):
    """Carry of the loop: G games."""

    states: Any
    returns: Array
    """`(G, P)` float32."""
    plies: Array
    """`(G,)` int32."""
    illegal: Array
    """`(P,)` int32: illegal actions of each of the players that meet."""


class _Asked(NamedTuple):
    """What each player is asked at a ply; P players, G/P games each."""

    picked: Array
    """`(P, G/P)` int32: which games."""
    valid: Array
    """`(P, G/P)` bool: the player is to move there."""
    states: Any
    """`(P, G/P, ...)`."""


class Setup(NamedTuple):
    """What a compiled loop is made for."""

    game: Game[Any]
    acts: tuple[Act, ...]
    """The program of each player."""
    merged: bool
    """The players differ in the values of their parameters only: compile their program once."""
    num_games: int
    """G: games at once, a multiple of the number of players."""
    opening_plies: int


@partial(jax.jit, static_argnums=0)
def play_games(
    setup: Setup, params: tuple[Any, ...], key: Array, num_wanted: Array | int
) -> tuple[Array, Array, Array, Array]:
    """Play G games; the first player sits in seat 0 in games 0, 2, 4, ..., in seat 1 in the others.

    Args:
        setup: static.
        params: of each player.
        key: all randomness.
        num_wanted: games from this index on are not played.

    Returns:
        Returns `(G, P)` float32 (0 in a zero-sum game cut short), decisions `(G,)` int32, cut short
        `(G,)` bool, and the number of illegal choices of each player, `(P,)` int32.
    """
    key_openings, key_act = jax.random.split(key)
    games, keys = _openings(setup, key_openings)
    choose = _chooser(setup, params)

    def ply(carry: tuple[_Games, Array]) -> tuple[_Games, Array]:
        games, count = carry
        asked = _ask(games, _alive(setup, games, num_wanted))
        actions = choose(jax.random.split(jax.random.fold_in(key_act, count), len(params)), asked.states)
        return _answer(setup.game, games, asked, actions, keys), count + 1

    start = (games, jnp.int32(0))
    return _outcome(
        setup, jax.lax.while_loop(lambda c: jnp.any(_alive(setup, c[0], num_wanted)), ply, start)[0]
    )


def play_by_ply(setup: Setup, params: tuple[Any, ...], key: Array, num_wanted: int) -> Any:
    """What `play_games` does, with the host between plies.

    It compiles faster where the same players meet others too: each program is compiled once for all of
    its opponents, and everything else once for the game.
    """
    rules = setup._replace(acts=(None,) * len(params), merged=False)
    key_openings, key_act = jax.random.split(key)
    games, keys = _begin(rules, key_openings)
    programs, count = [program(act) for act in setup.acts], 0
    while True:
        alive, asked = _look(rules, games, num_wanted)
        if not alive:
            return _finish(rules, games)
        ply_keys = jax.random.split(jax.random.fold_in(key_act, count), len(params))
        parts = [jax.tree.map(lambda x, k=k: x[k], asked.states) for k in range(len(params))]
        actions = [p(params[k], ply_keys[k], parts[k]) for k, p in enumerate(programs)]
        games, count = _move(rules, games, asked, jnp.stack(actions), keys), count + 1


@cache
def program(act: Act) -> Any:
    """`act` compiled by itself; the same function gives the same program."""
    return jax.jit(act)


@partial(jax.jit, static_argnums=0)
def _begin(setup: Setup, key: Array) -> tuple[_Games, Array]:
    return _openings(setup, key)


@partial(jax.jit, static_argnums=0)
def _look(setup: Setup, games: _Games, num_wanted: int) -> tuple[Array, _Asked]:
    """Whether a game goes on, and what is asked."""
    alive = _alive(setup, games, num_wanted)
    return jnp.any(alive), _ask(games, alive)


@partial(jax.jit, static_argnums=0)
def _move(setup: Setup, games: _Games, asked: _Asked, actions: Array, keys: Array) -> _Games:
    return _answer(setup.game, games, asked, actions, keys)


@partial(jax.jit, static_argnums=0)
def _finish(setup: Setup, games: _Games) -> tuple[Array, Array, Array, Array]:
    return _outcome(setup, games)


def _alive(setup: Setup, games: _Games, num_wanted: Array | int) -> Array:
    """`(G,)` bool: games that are wanted and not over."""
    wanted = jnp.arange(setup.num_games) < num_wanted
    return wanted & ~games.states.terminated & (games.plies < setup.game.max_plies)


def _outcome(setup: Setup, games: _Games) -> tuple[Array, Array, Array, Array]:
    """What `play_games` returns."""
    truncated = ~games.states.terminated
    returns = jnp.where(truncated[:, None] & setup.game.zero_sum, 0.0, games.returns)
    return returns, games.plies, truncated, games.illegal


def _openings(setup: Setup, key: Array) -> tuple[_Games, Array]:
    """The games after their openings, and the keys of their luck, `(G,)`; both the same in a pair."""
    num_players = len(setup.acts)
    keys = jax.random.split(key, (setup.num_games // num_players, 2))
    started = jax.vmap(partial(_opening, setup.game, setup.opening_plies))(keys[:, 0])
    started = jax.tree.map(lambda x: jnp.repeat(x, num_players, axis=0), started)
    return _Games(*started, illegal=jnp.zeros(num_players, jnp.int32)), jnp.repeat(keys[:, 1], num_players)


def _opening(game: Game[Any], num_plies: int, key: Array) -> tuple[Any, Array, Array]:
    """One game after random moves that do not end it: state, returns `(P,)`, plies `()`."""
    key_start, key_plies = jax.random.split(key)
    state = fresh(game, key_start)

    def ply(i: Array, carry: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
        state, returns, plies = carry
        key_move, key_luck = jax.random.split(jax.random.fold_in(key_plies, i))
        after = advance(game, state, random_action(state.legal_action_mask, key_move), key_luck)
        return _select(~after.terminated, (after, returns + after.rewards, plies + 1), carry)

    return jax.lax.fori_loop(0, num_plies, ply, (state, state.rewards, jnp.int32(0)))


def _chooser(setup: Setup, params: tuple[Any, ...]) -> Callable[[Array, Any], Array]:
    """`(keys (P,), states (P, G/P, ...)) -> (P, G/P)`: each player's actions in its own states."""
    acts = setup.acts
    if setup.merged:
        stacked = jax.tree.map(lambda *x: jnp.stack(x), *params)
        return lambda keys, states: jax.lax.map(lambda x: acts[0](*x), (stacked, keys, states))

    def choose(keys: Array, states: Any) -> Array:
        parts = [jax.tree.map(lambda x, k=k: x[k], states) for k in range(len(acts))]
        return jnp.stack([act(params[k], keys[k], parts[k]) for k, act in enumerate(acts)])

    return choose


def _ask(games: _Games, alive: Array) -> _Asked:
    """The games in which each player moves; who is behind comes first."""
    num_games, num_players = alive.shape[0], games.illegal.shape[0]
    seat = jnp.arange(num_games) % num_players
    owner = (games.states.current_player - seat) % num_players
    mine = alive[None] & (owner[None] == jnp.arange(num_players)[:, None])
    waiting = jnp.where(mine, games.plies[None], jnp.iinfo(jnp.int32).max)
    picked = jnp.argsort(waiting, axis=1, stable=True)[:, : num_games // num_players]
    valid = jnp.take_along_axis(mine, picked, axis=1)
    return _Asked(picked, valid, jax.tree.map(lambda x: x[picked], games.states))


def _answer(game: Game[Any], games: _Games, asked: _Asked, actions: Array, keys: Array) -> _Games:
    """The games after `actions` `(P, G/P)`; the first legal one stands for what is illegal."""
    num_games = keys.shape[0]
    mask = asked.states.legal_action_mask
    legal = jnp.any(mask & (jnp.arange(mask.shape[-1])[None, None] == actions[..., None]), axis=-1)
    actions = jnp.where(legal, actions, jnp.argmax(mask, axis=-1))
    place = jnp.where(asked.valid, asked.picked, num_games)
    chosen = jnp.zeros(num_games, jnp.int32).at[place].set(actions.astype(jnp.int32), mode="drop")
    moved = jnp.zeros(num_games, bool).at[place].set(True, mode="drop")
    games = games._replace(illegal=games.illegal + jnp.sum(asked.valid & ~legal, axis=1))
    return _advance_all(game, games, chosen, moved, keys)


def _advance_all(game: Game[Any], games: _Games, actions: Array, moved: Array, keys: Array) -> _Games:
    """Play `actions` where `moved`."""
    luck = jax.vmap(jax.random.fold_in)(keys, games.plies)
    states = jax.vmap(partial(advance, game))(games.states, actions, luck)
    return _Games(
        _select(moved, states, games.states),
        games.returns + jnp.where(moved[:, None], states.rewards, 0.0),
        games.plies + moved.astype(jnp.int32),
        games.illegal,
    )


def _select(condition: Array, then: Any, otherwise: Any) -> Any:
    def select(a: Array, b: Array) -> Array:
        return jnp.where(condition.reshape(condition.shape + (1,) * (a.ndim - condition.ndim)), a, b)

    return jax.tree.map(select, then, otherwise)


def advance(game: Game[Any], state: Any, action: Array, key: Array) -> Any:
    """Play one decision and the chance that follows it; `rewards` are all that was earned. One state."""
    return resolve_chance(game, game.step(state, action), key)
