"""Backgammon against Pgx's, checker by checker, and against OpenSpiel's, whose actions are pairs of moves."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from perft import children

from jaxplay.game import CHANCE
from jaxplay.games.backgammon import ROLLS, Backgammon
from jaxplay.testing.play import LANES, Move, timed_play

NUM_STEPS = 640
BAR = 100
"""The bar's number in OpenSpiel."""


@pytest.fixture(scope="module")
def official() -> Move:
    """Random games `(NUM_STEPS, LANES)` by our rules."""
    return timed_play(Backgammon(), NUM_STEPS, seed=7)[0]


def pgx_states(moves: Move) -> Any:
    """What Pgx makes of the same moves and rolls: the states after each."""
    import pgx
    from pgx import backgammon as theirs

    env = pgx.make("backgammon")
    key = jax.random.key(0)
    first = env.init(key).replace(current_player=jnp.int32(0))  # pyright: ignore[reportAttributeAccessIssue]

    def roll(state: Any, outcome: jax.Array) -> Any:
        playable = theirs._set_playable_dice(jnp.asarray(ROLLS, jnp.int32)[outcome % len(ROLLS)])
        return state.replace(
            _dice=jnp.asarray(ROLLS, jnp.int32)[outcome % len(ROLLS)],
            _playable_dice=playable,
            _played_dice_num=jnp.int32(0),
            legal_action_mask=theirs._legal_action_mask(state._board, playable),
        )

    def step(state: Any, move: Any) -> tuple[Any, Any]:
        new, chance, action = move
        state = jax.tree.map(lambda x, y: jnp.where(new, x, y), first, state)
        state = jax.tree.map(
            lambda x, y: jnp.where(chance, x, y), roll(state, action), env.step(state, action, key)
        )
        return state, state

    chance = moves.lane.state.current_player == CHANCE
    lane = jax.vmap(lambda *columns: jax.lax.scan(step, first, columns)[1], 1, 1)
    return jax.device_get(jax.jit(lane)(moves.lane.age == 0, chance, moves.action))


def test_pgx_agrees():
    """Any single move may be made in Pgx; a backgammon does not count checkers on the bar."""
    moves = timed_play(Backgammon(both_dice=False), NUM_STEPS, seed=5)[0]
    ours, theirs = moves.after, pgx_states(moves)
    np.testing.assert_array_equal(ours.terminated, theirs.terminated)
    np.testing.assert_array_equal(ours.turn, theirs.current_player)
    np.testing.assert_array_equal(ours.board[..., 1:25], theirs._board[..., :24])
    np.testing.assert_array_equal(ours.board[..., [0, 25]], theirs._board[..., [24, 25]])
    decides = ours.current_player != CHANCE
    mask = np.where(
        np.arange(156) < 6, theirs.legal_action_mask & (np.arange(156) < 1), theirs.legal_action_mask
    )
    mask |= ours.terminated[..., None]
    np.testing.assert_array_equal(ours.legal_action_mask[decides], mask[decides])
    barred = (ours.board[..., 25] < 0) & ours.terminated
    np.testing.assert_array_equal(ours.rewards[~barred], theirs.rewards[~barred])
    assert ours.terminated.sum() > 30 and abs(ours.rewards).max() >= 2
    assert ours.legal_action_mask[..., 0][decides].mean() > 0.01  # who cannot move passes


def absolute(states: Any) -> np.ndarray:
    """`(..., 26)` int8: the boards as player 0 counts them."""
    return np.where(states.turn[..., None] == 0, states.board, -states.board[..., ::-1])


def after_two_moves(roots: Any) -> list[set[bytes]]:
    """For each state the boards that two moves lead to, or one, if the turn is over then."""
    game = Backgammon()
    parents, states = children(game, roots)
    over = (states.turn != roots.turn[parents]) | states.terminated
    grandparents, ends = children(game, jax.tree.map(lambda x: x[~over], states))
    numbers = np.concatenate([parents[over], parents[~over][grandparents]])
    boards = np.concatenate([absolute(states)[over], absolute(ends)])
    reached: list[set[bytes]] = [set() for _ in roots.turn]
    for number, board in zip(numbers, boards, strict=True):
        reached[number].add(board.tobytes())
    return reached


def their_board(state: Any) -> bytes:
    """OpenSpiel's board as player 0 counts it."""
    points = [state.board(0, point) - state.board(1, point) for point in range(24)]
    return np.array([state.board(0, BAR), *points, -state.board(1, BAR)], np.int8).tobytes()


def their_roll(outcome: int) -> int:
    """OpenSpiel's number of a roll: of the two orders of different dice that in which player 0 begins."""
    return 2 * outcome if outcome < 15 else outcome + 15


def test_openspiel_agrees(official: Move):
    """What OpenSpiel calls an action is a pair of moves: both allow the same boards after it."""
    pyspiel = pytest.importorskip("pyspiel")
    theirs = pyspiel.load_game("backgammon(scoring_type=full_scoring)")
    before, after, age = official.lane.state, official.after, official.lane.age
    boards, rolls = absolute(after), before.current_player == CHANCE
    pairs = ~rolls & (before.moves.sum(axis=-1) % 2 == 0)
    allowed = after_two_moves(jax.tree.map(lambda x: x[pairs], before))
    reached = dict(zip(map(tuple, np.argwhere(pairs).tolist()), allowed, strict=True))
    state = theirs.new_initial_state()
    for lane in range(LANES):
        for step in range(NUM_STEPS - 1):
            if age[step, lane] == 0:
                state = theirs.new_initial_state()
            if rolls[step, lane]:
                state.apply_action(their_roll(int(official.action[step, lane])))
            elif pairs[step, lane]:
                actions = {their_board(state.child(action)): action for action in state.legal_actions()}
                assert set(actions) == reached[step, lane]
                over = after.terminated[step, lane] or rolls[step + 1, lane]
                last = (step, lane) if over else (step + 1, lane)
                state.apply_action(actions[boards[last].tobytes()])
                assert state.is_terminal() == after.terminated[last]
                assert state.returns() == after.rewards[last].tolist()
    assert after.terminated.sum() > 30 and abs(after.rewards).max() == 3


def test_both_dice_must_be_used(official: Move):
    """Random games come to positions where that rule forbids a move."""
    free = jax.jit(jax.vmap(jax.vmap(Backgammon(both_dice=False)._legal)))
    state = official.after
    chooses = (state.current_player != CHANCE) & ~state.terminated
    single = np.asarray(free(state.board, state.dice, state.moves))[chooses]
    mask = state.legal_action_mask[chooses]
    assert not (mask & ~single).any() and (mask != single).any(axis=-1).sum() > 20
