"""Law 9: in games of hidden information, observations are information states.

Decisions that look the same to a player, its own and those of others, are compared: in the random games that
were played, and in all histories of the game if they are few.
"""

from typing import Any

import jax
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.law import law
from jaxplay.testing.play import Move, replay_call
from jaxplay.testing.recorded import Recorded, observations, played
from jaxplay.testing.secrets import check_secrets
from jaxplay.testing.tree import MAX_HISTORIES, histories

RENDERED = 6
"""Pairs of positions that look the same whose pictures are compared, for each player."""


def check_knowledge(game: Game[Any], moves: Move) -> tuple[int | None, int]:
    """Hold observations, and what is rendered for a player, against law 9.

    Args:
        game: of hidden information.
        moves: random games, `(num_steps, LANES)`.

    Returns:
        How many histories the game has, None if they were too many to be enumerated; and how many information
        states were seen in these or, without them, in the random games.
    """
    seen = _judge(game, played(game, moves))
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


def _judge(game: Game[Any], recorded: Recorded) -> int:
    """Compare the positions that look the same to a player; gives how many decisions look different."""
    states, mover = recorded.states, recorded.states.current_player
    masks, sights = states.legal_action_mask, observations(game, states)
    decides = ~states.terminated & (mover != CHANCE)
    looks, last, alike = (np.full((len(mover), game.num_players), -1) for _ in range(3))
    first: dict[bytes, tuple[int, int]] = {}
    at_move: dict[int, dict[int, int]] = {player: {} for player in range(game.num_players)}
    same_sight: dict[tuple[int, int, int], int] = {}
    for number, parent in enumerate(recorded.parent):
        if parent >= 0:
            last[number] = last[parent]
            if decides[parent]:
                place = parent, mover[parent]
                last[number, mover[parent]] = looks[place] * masks.shape[1] + recorded.action[number]
        for player in range(game.num_players) if decides[number] else ():
            one, seer = first.setdefault(sights[number, player].tobytes(), (number, player))
            looks[number, player] = one
            alike[number, player] = same_sight.setdefault((one, player, int(mover[number])), number)
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
    _check_pictures(game, recorded, alike)
    check_secrets(game, recorded, sights)
    return sum(map(len, at_move.values()))


def _check_pictures(game: Game[Any], recorded: Recorded, alike: np.ndarray) -> None:
    """What looks the same to a player is rendered the same for it, whoever of the others is to move.

    `alike` `(N, P)`: a position that looks the same to the player, with the same player to move, or -1.
    """
    fields = [leaf.reshape(len(alike), -1) for leaf in jax.tree.leaves(strip(recorded.states))]
    for player, others in enumerate(alike.T):
        differ = np.any([(leaf != leaf[others]).any(axis=1) for leaf in fields], axis=0)
        numbers = np.flatnonzero((others >= 0) & differ)
        for number in numbers[np.linspace(0, len(numbers) - 1, min(RENDERED, len(numbers)), dtype=int)]:
            _check_rendered(game, recorded, int(others[number]), int(number), player)


def _check_rendered(game: Game[Any], recorded: Recorded, one: int, other: int, player: int) -> None:
    """Two positions are rendered the same for `player`."""
    states = [strip(jax.tree.map(lambda x, i=i: x[i], recorded.states)) for i in (one, other)]
    for name, render in (("render", game.render), ("render_svg", game.render_svg)):
        law(
            render(states[0], player) == render(states[1], player),
            f"law 9: {name} shows player {player} no more than it may know;"
            f" see {recorded.call(one)} and {recorded.call(other)}",
        )
