"""Law 9: in games of hidden information, observations are information states.

Decisions that look the same to a player, its own and those of others, are compared: in the random games that
were played, and in all histories of the game if they are few.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.law import law
from jaxplay.testing.play import Move, replay_call
from jaxplay.testing.tree import MAX_HISTORIES, histories

BATCH = 4096
"""Positions that are observed in one call."""
DRAWN = 6
"""Pairs of positions that look the same whose drawings are compared, for each player."""


class Recorded(NamedTuple):
    """N histories, parents before children.

    Attributes:
        states: `(N, ...)` NumPy leaves: the positions that they lead to.
        parent: `(N,)` int32: the history without its last move, -1 for an empty one.
        action: `(N,)` int32: the last move.
        call: how to replay a history, as text.
    """

    states: Any
    parent: np.ndarray
    action: np.ndarray
    call: Callable[[int], str]


def check_knowledge(game: Game[Any], moves: Move) -> tuple[int | None, int]:
    """Hold observations, and what is drawn for a player, against law 9.

    Args:
        game: of hidden information.
        moves: random games, `(num_steps, LANES)`.

    Returns:
        How many histories the game has, None if they were too many to be enumerated; and how many information
        states were seen in these or, without them, in the random games.
    """
    seen = _judge(game, _played(game, moves))
    tree = histories(game) if estimated_histories(moves) < 2 * MAX_HISTORIES else None
    if tree is None:
        return None, seen

    def call(number: int) -> str:
        return replay_call(game, 0, tree.moves(number))

    return len(tree.parent), _judge(game, Recorded(tree.states, tree.parent, tree.action, call))


def estimated_histories(moves: Move) -> float:
    """An estimate of the number of histories without bias (Knuth 1975); infinite if no game was finished.

    A game in which every move was chosen evenly stands for as many histories of each length as there were
    choices on the way.
    """
    choices = moves.lane.state.legal_action_mask.sum(axis=-1, dtype=np.float64)
    sizes = []
    for lane in range(choices.shape[1]):
        size, ways = 1.0, 1.0
        for step in range(choices.shape[0]):
            ways *= choices[step, lane]
            size += ways
            if moves.after.terminated[step, lane]:
                sizes.append(size)
                size, ways = 1.0, 1.0
    return float(np.mean(sizes)) if sizes else np.inf


def _played(game: Game[Any], moves: Move) -> Recorded:
    """The random games as histories, one game after the other."""
    steps, lanes = moves.action.shape
    states, age, seed, action = (
        jax.tree.map(lambda x: np.moveaxis(x, 0, 1).reshape(-1, *x.shape[2:]), leaf)
        for leaf in (moves.lane.state, moves.lane.age, moves.lane.seed, moves.action)
    )
    before = np.arange(steps * lanes) - 1

    def call(number: int) -> str:
        return replay_call(game, int(seed[number]), action[number - age[number] : number].tolist())

    return Recorded(states, np.where(age > 0, before, -1), action[before], call)


def _judge(game: Game[Any], recorded: Recorded) -> int:
    """Compare the positions that look the same to a player; gives how many decisions look different."""
    states, mover = recorded.states, recorded.states.current_player
    masks, sights = states.legal_action_mask, _sights(game, states)
    decides = ~states.terminated & (mover != CHANCE)
    looks, last, alike = (np.full((len(mover), game.num_players), -1) for _ in range(3))
    first: dict[bytes, tuple[int, int]] = {}
    at_move: dict[int, dict[int, int]] = {player: {} for player in range(game.num_players)}
    drawn: dict[tuple[int, int, int], int] = {}
    for number, parent in enumerate(recorded.parent):
        if parent >= 0:
            last[number] = last[parent]
            if decides[parent]:
                place = parent, mover[parent]
                last[number, mover[parent]] = looks[place] * masks.shape[1] + recorded.action[number]
        for player in range(game.num_players) if decides[number] else ():
            one, seer = first.setdefault(sights[number, player].tobytes(), (number, player))
            looks[number, player] = one
            alike[number, player] = drawn.setdefault((one, player, int(mover[number])), number)
            same = {
                "law 9: an observation tells who observes": (one, seer == player),
                "law 9: an observation holds what its player has seen and done": (
                    one,
                    last[one, player] == last[number, player],
                ),
            }
            if mover[number] == player:
                earlier = at_move[player].setdefault(one, number)
                legal = (masks[earlier] == masks[number]).all()
                same["law 9: what looks the same has the same legal actions"] = earlier, legal
            for message, (other, held) in same.items():
                law(held, f"{message}; see {recorded.call(other)} and {recorded.call(number)}")
    _check_drawings(game, recorded, alike)
    return sum(map(len, at_move.values()))


def _sights(game: Game[Any], states: Any) -> np.ndarray:
    """`(N, P, ...)`: what every player observes, a batch of fixed size at a time."""
    total, parts = len(states.terminated), []
    for start in range(0, total, BATCH):
        place = np.minimum(np.arange(start, start + BATCH), total - 1)
        parts.append(np.asarray(_observe(game, strip(jax.tree.map(lambda x, i=place: x[i], states)))))
    return np.concatenate(parts)[:total]


@functools.partial(jax.jit, static_argnums=0)
def _observe(game: Game[Any], states: Any) -> Any:
    players = jnp.arange(game.num_players, dtype=jnp.int32)
    return jax.vmap(jax.vmap(game.observe, (None, 0)), (0, None))(states, players)


def _check_drawings(game: Game[Any], recorded: Recorded, alike: np.ndarray) -> None:
    """What looks the same to a player is rendered the same for it, whoever of the others is to move.

    `alike` `(N, P)`: a position that looks the same to the player, with the same player to move, or -1.
    """
    fields = [leaf.reshape(len(alike), -1) for leaf in jax.tree.leaves(strip(recorded.states))]
    for player, others in enumerate(alike.T):
        differ = np.any([(leaf != leaf[others]).any(axis=1) for leaf in fields], axis=0)
        numbers = np.flatnonzero((others >= 0) & differ)
        for number in numbers[np.linspace(0, len(numbers) - 1, min(DRAWN, len(numbers)), dtype=int)]:
            _check_drawn(game, recorded, int(others[number]), int(number), player)


def _check_drawn(game: Game[Any], recorded: Recorded, one: int, other: int, player: int) -> None:
    """Two positions are rendered the same for `player`."""
    states = [strip(jax.tree.map(lambda x, i=i: x[i], recorded.states)) for i in (one, other)]
    for name, draw in (("render", game.render), ("render_svg", game.render_svg)):
        law(
            draw(states[0], player) == draw(states[1], player),
            f"law 9: {name} shows player {player} no more than it may know;"
            f" see {recorded.call(one)} and {recorded.call(other)}",
        )
