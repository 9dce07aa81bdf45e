"""Pubeval beside a plain walk through whole turns, and its known openings."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.arena import match, pubeval_player, random_player
from jaxplay.arena.pubeval import CHECKERS, WIN, weights
from jaxplay.errors import UserError
from jaxplay.game import CHANCE, make, sample_outcome

GAME = make("backgammon")
STEP = jax.jit(GAME.step)


def plain_sum(board, race):
    """The sum of weights, one input after the other."""
    values = weights()[int(race)]
    total = 0.0
    for point in range(24):
        count = int(board[1 + point])
        inputs = [count == -1, count == 1, count >= 2, count == 3, max(count - 3, 0) / 2]
        total += float(np.dot(values[5 * point : 5 * point + 5], inputs))
    off = CHECKERS - sum(max(int(n), 0) for n in board)
    return total + float(values[120]) * -int(board[25]) / 2 + float(values[121]) * off / CHECKERS


def best_sum(state, mover, race):
    """The best sum with which `mover` can end the turn, over all orders of its moves."""
    if state.terminated:
        return WIN
    if int(state.turn) != mover:
        return plain_sum(-np.asarray(state.board)[::-1], race)
    legal = np.flatnonzero(state.legal_action_mask[: GAME.num_actions])
    return max(best_sum(STEP(state, int(action)), mover, race) for action in legal)


def decisions(count):
    """Positions with all moves of a roll left, from one random game, races and doubles among them."""
    rng, key = np.random.default_rng(1), jax.random.key(3)
    state, found = GAME.init(key), []
    while not state.terminated and len(found) < count:
        key, roll = jax.random.split(key)
        if int(state.current_player) == CHANCE:
            state = STEP(state, int(sample_outcome(GAME.chance_probs(state), roll)))
            if int(state.legal_action_mask.sum()) <= 6:
                found.append(state)
        else:
            state = STEP(state, rng.choice(np.flatnonzero(state.legal_action_mask)))
    return found


def test_ends_each_turn_as_well_as_can_be():
    found = decisions(40)
    act = jax.jit(pubeval_player(GAME).act)
    doubles = 0
    for state in found:
        mover, board = int(state.turn), np.asarray(state.board)
        race = max([*np.flatnonzero(board < 0), -1]) < min([*np.flatnonzero(board > 0), 26])
        wanted, reached = best_sum(state, mover, race), state
        doubles += int(state.dice[0]) == int(state.dice[1])
        while int(reached.turn) == mover and not reached.terminated:
            batch = jax.tree.map(lambda leaf: leaf[None], reached)
            reached = STEP(reached, int(act(None, jax.random.key(0), batch)[0]))
        ended = WIN if reached.terminated else plain_sum(-np.asarray(reached.board)[::-1], race)
        assert ended == pytest.approx(wanted, abs=1e-4)
    assert doubles > 0


def test_makes_its_five_point():
    state = STEP(GAME.init(jax.random.key(0)), 1)
    act, moves = jax.jit(pubeval_player(GAME).act), []
    while int(state.turn) == 0:
        action = int(act(None, jax.random.key(0), jax.tree.map(lambda leaf: leaf[None], state))[0])
        moves.append(GAME.action_to_string(action))
        state = STEP(state, action)
    assert sorted(moves) == ["6/5", "8/5"]


def test_beats_random_play():
    found = match(GAME, [pubeval_player(GAME), random_player()], num_games=16, key=jax.random.key(0))
    assert found.score > 0.9


def test_plays_backgammon_alone():
    with pytest.raises(UserError, match=r"pubeval plays backgammon, not Hex"):
        pubeval_player(make("hex"))
    assert jnp.isfinite(weights()).all() and weights().shape == (2, 122)
