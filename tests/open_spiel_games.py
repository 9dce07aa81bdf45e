"""Random games of OpenSpiel, replayed by ours: both must say the same of every position."""

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.tree import MAX_HISTORIES, Tree, histories

NUM_PLIES = 10_000
"""Decisions that are compared, at least."""


class Position(NamedTuple):
    """What OpenSpiel says of a position, and our moves that lead there from the one before."""

    moves: list[int]
    player: int
    legal: list[int]
    probs: list[float]
    rewards: list[float]
    keys: list[Any]
    history: list[int]


class Ours(NamedTuple):
    """What we say of it. Leaves are `(games, moves + 1, ...)`: the first position, and after each move."""

    player: np.ndarray
    mask: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    probs: np.ndarray
    observations: np.ndarray
    """`(games, moves + 1, P, ...)`."""


def information_state(state: Any, player: int) -> Any:
    """OpenSpiel's information states."""
    return state.information_state_string(player)


def same_move(state: Any, action: int) -> list[int]:
    """Actions and outcomes have the same numbers."""
    return [action]


def random_games(
    theirs: Any,
    num_plies: int,
    key: Callable[[Any, int], Any],
    translate: Callable[[Any, int], list[int]],
    seed: int = 0,
) -> list[list[Position]]:
    """Games of uniformly random moves, with `num_plies` decisions or more altogether."""
    choice, games, plies = random.Random(seed), [], 0
    while plies < num_plies:
        state = theirs.new_initial_state()
        positions = [_position(state, [], key)]
        while not state.is_terminal():
            action = choice.choice(state.legal_actions())
            plies += state.current_player() >= 0
            moves = translate(state, action)
            state.apply_action(action)
            positions.append(_position(state, moves, key))
        games.append(positions)
    return games


def _position(state: Any, moves: list[int], key: Callable[[Any, int], Any]) -> Position:
    chance = state.is_chance_node()
    decision = not chance and not state.is_terminal()
    keys = [key(state, player) for player in range(state.num_players())] if decision else []
    return Position(
        moves=moves,
        player=CHANCE if chance else state.current_player(),
        legal=state.legal_actions(),
        probs=[prob for _, prob in state.chance_outcomes()] if chance else [],
        rewards=state.rewards() if not chance else [0.0] * state.num_players(),
        keys=keys,
        history=state.history(),
    )


def replayed(game: Game[Any], moves: Sequence[Sequence[int]]) -> Ours:
    """Our view of games given by their moves."""
    table = np.full((len(moves), max(map(len, moves))), -1, np.int32)
    for row, line in zip(table, moves, strict=True):
        row[: len(line)] = line
    players = jnp.arange(game.num_players, dtype=jnp.int32)

    def view(state: Any) -> Any:
        seen = jax.vmap(lambda player: game.observe(strip(state), player))(players)
        fields = state.current_player, state.legal_action_mask, state.rewards, state.terminated
        return (*fields, game.chance_probs(state), seen)

    def advance(state: Any, move: jax.Array) -> tuple[Any, Any]:
        after = game.step(strip(state), jnp.maximum(move, 0))
        state = jax.tree.map(lambda new, old: jnp.where(move < 0, old, new), after, state)
        return state, view(state)

    def play(line: jax.Array) -> Any:
        state = game.init(jax.random.key(0))
        views = jax.lax.scan(advance, state, line)[1]
        return jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), view(state), views)

    return Ours(*map(np.asarray, jax.jit(jax.vmap(play))(table)))


def compare(
    game: Game[Any],
    theirs: Any,
    *,
    num_plies: int = NUM_PLIES,
    key: Callable[[Any, int], Any] = information_state,
    translate: Callable[[Any, int], list[int]] = same_move,
    same_chance: bool = True,
    finer: bool = False,
) -> tuple[list[list[Position]], Ours]:
    """Play random games with OpenSpiel, replay them, and compare every position.

    Args:
        game: ours.
        theirs: OpenSpiel's, turn by turn.
        num_plies: decisions to compare, at least.
        key: what a player knows at a decision of anybody, according to OpenSpiel; None: not compared.
        translate: our moves for an action of OpenSpiel in a state.
        same_chance: whether chance nodes are the same, with the same outcomes.
        finer: our observations may tell apart what OpenSpiel's keys do not.
    """
    games = random_games(theirs, num_plies, key, translate)
    ours = replayed(game, [[move for position in line for move in position.moves] for line in games])
    known: dict[Any, tuple[Any, Any]] = {}
    for row, line in enumerate(games):
        index = 0
        for position in line:
            index += len(position.moves)
            here = Ours(*(leaf[row, index] for leaf in ours))
            if position.player != CHANCE or same_chance:
                _compare_position(game, position, here)
            for player, told in enumerate(position.keys):
                _compare_keys(known, player, told, here.observations[player], position, finer)
    return games, ours


def compare_all(game: Game[Any], theirs: Any) -> tuple[int, int, int]:
    """Compare every history of a small game; actions and outcomes have the same numbers.

    Returns:
        Histories, decisions, and information states at which somebody decides.
    """
    tree = histories(game)
    assert tree is not None
    number = {tuple(tree.moves(i)): i for i in range(len(tree.parent))}
    ours = _views(game, tree)
    known: dict[Any, tuple[Any, Any]] = {}
    seen: set[Any] = set()
    waiting, decisions = [theirs.new_initial_state()], 0
    while waiting:
        state = waiting.pop()
        index = number.pop(tuple(state.history()))
        position, here = _position(state, [], information_state), Ours(*(leaf[index] for leaf in ours))
        _compare_position(game, position, here)
        for player, told in enumerate(position.keys):
            _compare_keys(known, player, told, here.observations[player], position, False)
        if position.keys:
            decisions += 1
            seen.add((position.player, position.keys[position.player]))
        waiting += [state.child(action) for action in position.legal]
    assert not number, "histories that OpenSpiel does not have"
    return len(tree.parent), decisions, len(seen)


def count_all(game: Game[Any], *, max_histories: int = MAX_HISTORIES) -> tuple[int, int, int]:
    """Histories of a game, decisions among them, and information states of player 0."""
    tree = histories(game, max_histories=max_histories)
    assert tree is not None
    states = tree.states
    decides = (states.current_player >= 0) & ~states.terminated
    own = jax.tree.map(lambda leaf: leaf[decides & (states.current_player == 0)], states)
    seen = np.asarray(jax.jit(jax.vmap(game.observe))(strip(own)))
    return len(tree.parent), int(decides.sum()), len({sight.tobytes() for sight in seen})


def _views(game: Game[Any], tree: Tree) -> Ours:
    """Our view of every history: leaves are `(H, ...)`."""
    players = jnp.arange(game.num_players, dtype=jnp.int32)

    def view(state: Any) -> Any:
        seen = jax.vmap(lambda player: game.observe(strip(state), player))(players)
        return game.chance_probs(state), seen

    states = tree.states
    fields = states.current_player, states.legal_action_mask, states.rewards, states.terminated
    return Ours(*fields, *map(np.asarray, jax.jit(jax.vmap(view))(states)))


def _compare_position(game: Game[Any], position: Position, ours: Ours) -> None:
    where = f"after {position.history}"
    terminal = position.player < CHANCE
    assert ours.terminated == terminal, where
    np.testing.assert_allclose(ours.rewards, position.rewards, atol=1e-5, err_msg=where)
    if terminal:
        assert ours.mask.all(), where
        return
    assert ours.player == position.player, where
    assert np.flatnonzero(ours.mask).tolist() == position.legal, where
    if position.player == CHANCE:
        np.testing.assert_allclose(ours.probs[position.legal], position.probs, atol=1e-6, err_msg=where)


def _compare_keys(
    known: dict[Any, Any], player: int, told: Any, seen: np.ndarray, position: Position, finer: bool
) -> None:
    """What OpenSpiel tells apart we tell apart, and (not `finer`) nothing else."""
    if told is None:
        return
    sight = seen.tobytes()
    first = known.setdefault(("ours", player, sight), (told, position.history))
    assert first[0] == told, f"player {player} sees the same after {first[1]} and {position.history}"
    if not finer:
        first = known.setdefault(("theirs", player, told), (sight, position.history))
        assert first[0] == sight, f"player {player} tells apart {first[1]} and {position.history}"
