"""Pairs of histories that differ in one move, which a player has seen or has not.

Random games of many cards never look the same twice to anybody. Pairs that are made for it do, so that what
is hidden and yet observed is found however large a game is.
"""

from typing import Any, NamedTuple

import jax
import numpy as np

from jaxplay.game import CHANCE, Game, strip
from jaxplay.testing.alone import compiled
from jaxplay.testing.law import law
from jaxplay.testing.play import Move, replay_call
from jaxplay.testing.recorded import observations
from jaxplay.testing.secrets import KNOWS_MORE, SEES_LESS

GAMES = 32
"""Games of which pairs are made."""
LENGTHS = (4, 16)
"""First moves of a game, one of which is replaced: cards are often dealt by the very first."""
ENOUGH = 8
"""Pairs after which it is odd that everybody has seen every difference."""
SEED = 1970


class Twin(NamedTuple):
    """Two histories that differ in one move.

    Attributes:
        mover: Who made that move; `CHANCE` where it was an outcome.
        before: How many moves there are before it.
        seed: Both began with `init(jax.random.key(seed))`.
        actions: All moves of both.
        states: `(n, 2, ...)` NumPy leaves: the positions after that move, and after each move since.
    """

    mover: int
    before: int
    seed: int
    actions: tuple[list[int], list[int]]
    states: Any


def check_twins(game: Game[Any], moves: Move) -> list[str]:
    """Hold observations of positions that differ in one move against law 9.

    With perfect information the difference is seen by everybody or by nobody. Else who was shown none by
    `render` observes none.

    Args:
        game: The game.
        moves: Random games, `(num_steps, LANES)`.

    Returns:
        What breaks no law and is odd, a sentence each.
    """
    twins = make_twins(game, moves)
    if not twins:
        return []
    judge = _check_equal if game.perfect_information else _check_hidden
    open_to_all = []
    for twin, (differ, decided) in zip(twins, _compared(game, twins), strict=True):
        judge(game, twin, differ & decided[:, None])
        others = np.arange(game.num_players) != twin.mover
        open_to_all += [differ[place, others].all() for place in np.flatnonzero(decided)[:1]]
    if game.perfect_information or len(open_to_all) < ENOUGH or not all(open_to_all):
        return []
    return ["perfect_information is False; everybody observed all that others did and chance dealt"]


def _compared(game: Game[Any], twins: list[Twin]) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each twin, `(n, P)` bool: to whom it looks different; `(n,)` bool: where one player decides."""
    states = jax.tree.map(lambda *x: np.concatenate(x), *(twin.states for twin in twins))
    total = len(states.terminated)
    flat = jax.tree.map(lambda x: x.reshape(2 * total, *x.shape[2:]), states)
    sights = observations(game, flat).reshape(total, 2, game.num_players, -1)
    differ = (sights[:, 0] != sights[:, 1]).any(axis=-1)
    mover = states.current_player
    decided = (mover[:, 0] == mover[:, 1]) & (mover[:, 0] != CHANCE) & ~states.terminated.any(axis=1)
    ends = np.cumsum([len(twin.states.terminated) for twin in twins])[:-1]
    return list(zip(np.split(differ, ends), np.split(decided, ends), strict=True))


def _check_equal(game: Game[Any], twin: Twin, differ: np.ndarray) -> None:
    """What looks different, `(n, P)` bool, to one player does to all."""
    held = differ.all(axis=1) | ~differ.any(axis=1)
    law(held.all(), f"{SEES_LESS}; see {_calls(game, twin, int(np.argmin(held)))}")


def _check_hidden(game: Game[Any], twin: Twin, differ: np.ndarray) -> None:
    """What looks different, `(n, P)` bool, to a player has been shown to it, unless it was its own move."""
    for player in range(game.num_players):
        if player == twin.mover or not differ[:, player].any():
            continue
        place = int(np.argmax(differ[:, player]))
        shown = any(_pictures_differ(game, twin, earlier, player) for earlier in range(place + 1))
        law(shown, f"law 9: player {player} {KNOWS_MORE}; see {_calls(game, twin, place)}")


def _pictures_differ(game: Game[Any], twin: Twin, place: int, player: int) -> bool:
    one, other = (strip(jax.tree.map(lambda x, i=i: x[place, i], twin.states)) for i in range(2))
    return game.render(one, player) != game.render(other, player)


def _calls(game: Game[Any], twin: Twin, place: int) -> str:
    last = twin.before + place + 1
    return " and ".join(replay_call(game, twin.seed, actions[:last]) for actions in twin.actions)


def make_twins(game: Game[Any], moves: Move) -> list[Twin]:
    """Pairs of random games, `(num_steps, LANES)`, and the same games with one move replaced.

    They go on as long as the moves after that are legal in both.
    """
    starts = np.argwhere(np.asarray(moves.lane.age) == 0)
    chosen = starts[np.linspace(0, len(starts) - 1, min(GAMES, len(starts)), dtype=int)]
    random = np.random.RandomState(SEED)
    games = [_first_moves(moves, int(step), int(lane)) for step, lane in chosen]
    twins = [_twin(game, played, most, random) for played in games for most in LENGTHS]
    return [twin for twin in twins if twin is not None]


def _first_moves(moves: Move, begin: int, lane: int) -> Move:
    """The first moves, `(n,)`, of the game that begins at step `begin` of a lane."""
    ages = moves.lane.age[begin : begin + max(LENGTHS), lane]
    length = int((ages == np.arange(len(ages))).sum())
    return jax.tree.map(lambda x: x[begin : begin + length, lane], moves)


def _twin(game: Game[Any], played: Move, most: int, random: np.random.RandomState) -> Twin | None:
    """A game and the same with one of its first `most` moves replaced; None where that one was forced."""
    before = random.randint(min(most, len(played.action)))
    legal = np.flatnonzero(played.lane.state.legal_action_mask[before])
    legal = legal[legal != played.action[before]]
    if not len(legal):
        return None
    other = int(random.choice(legal))
    actions, others = played.action.tolist(), _otherwise(game, played, before, other)
    pairs = [
        jax.tree.map(lambda one, other, i=before + i: np.stack([one[i], other]), played.after, state)
        for i, state in enumerate(others)
    ]
    return Twin(
        mover=int(played.lane.state.current_player[before]),
        before=before,
        seed=int(played.lane.seed[0]),
        actions=(actions, [*actions[:before], other, *actions[before + 1 :]]),
        states=jax.tree.map(lambda *x: np.stack(x), *pairs),
    )


def _otherwise(game: Game[Any], played: Move, before: int, action: int) -> list[Any]:
    """The positions after `action` in place of move number `before`, and after the same moves since."""
    step, states = compiled(game)[1], []
    state, later = jax.tree.map(lambda x: x[before], played.lane.state), played.action[before + 1 :]
    for number, following in enumerate([*later, None], before + 1):
        state = jax.device_get(step(game, strip(state), np.int32(action)))
        states.append(state)
        if following is None or state.terminated or not state.legal_action_mask[following]:
            break
        if state.current_player != played.lane.state.current_player[number]:
            break
        action = following
    return states
