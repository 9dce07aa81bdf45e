"""Go against Pgx, OpenSpiel, and rules written out point by point: the same random games, move by move."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.games.go import Go, GoState
from jaxplay.struct import replace
from jaxplay.testing.play import LANES, Move, timed_play

NUM_STEPS = 320
assert NUM_STEPS * LANES >= 10_000


class Busy(Go):
    """Go in which only who has no other move passes, and long games of it: positions come back."""

    @property
    def max_plies(self) -> int:
        return 12 * self.num_points

    def step(self, state: GoState, action: jax.Array) -> GoState:
        after = super().step(state, action)
        mask = after.legal_action_mask
        mask = mask.at[-1].set(~mask[:-1].any() | after.terminated)
        return replace(after, legal_action_mask=mask)


@pytest.fixture(scope="module")
def nine() -> Move:
    """Random games on 9 by 9."""
    return timed_play(Go(9), NUM_STEPS, seed=7)[0]


def pgx_states(size: int, moves: Move) -> tuple[Any, Any]:
    """What Pgx makes of the same moves: the first state, and the states after each move."""
    from pgx.go import Go as PgxGo

    env = PgxGo(size=size, max_terminal_steps=10 * size * size)  # where we cut, it goes on
    first = env.init(jax.random.key(0))

    def step(state: Any, move: tuple[jax.Array, jax.Array]) -> tuple[Any, Any]:
        new, action = move
        state = jax.tree.map(lambda x, y: jnp.where(new, x, y), first, state)
        state = env.step(state, action)
        return state, state

    lane = jax.vmap(lambda new, actions: jax.lax.scan(step, first, (new, actions))[1], 1, 1)
    with jax.numpy_rank_promotion("allow"):
        return jax.device_get((first, jax.jit(lane)(moves.lane.age == 0, moves.action)))


def remembered(size: int, moves: Move) -> np.ndarray:
    """`(num_steps, LANES)` bool: after which moves there is room for another position.

    After the others only passes are left, in no other program.
    """
    return np.asarray(moves.lane.age + 1 < Go(size).memory)


def check_against_pgx(size: int, moves: Move) -> None:
    """All but the moves that Pgx allows and lets lose: those that repeat a position."""
    first, theirs = pgx_states(size, moves)
    beginner, ours = int(first.current_player), moves.after
    np.testing.assert_array_equal(ours.terminated, theirs.terminated)
    np.testing.assert_array_equal(ours.current_player, theirs.current_player ^ beginner)
    np.testing.assert_array_equal(ours.rewards, theirs.rewards[..., [beginner, 1 - beginner]])
    observations = jax.jit(jax.vmap(jax.vmap(Go(size).observe)))(ours)
    np.testing.assert_array_equal(observations, theirs.observation.astype(np.float32))
    assert (ours.legal_action_mask <= theirs.legal_action_mask).all()
    assert ours.terminated.sum() > 40 and (ours.rewards != 0).any(axis=(0, 1)).all()
    refused = remembered(size, moves)[..., None] & (ours.legal_action_mask < theirs.legal_action_mask)
    check_repetitions(size, np.argwhere(refused), theirs)


def check_repetitions(size: int, refused: np.ndarray, theirs: Any) -> None:
    """In Pgx the moves that we refuse, `(n, 3)` of step, lane and action, lose at once."""
    from pgx.go import Go as PgxGo

    env = PgxGo(size=size, max_terminal_steps=10 * size * size)
    before = jax.tree.map(lambda x: x[refused[:, 0], refused[:, 1]], theirs)
    with jax.numpy_rank_promotion("allow"):
        after = jax.jit(jax.vmap(env.step))(before, refused[:, 2].astype(np.int32))
    assert len(refused) > 0 and after.terminated.all()
    assert (after.rewards[np.arange(len(refused)), before.current_player] == -1).all()


def test_pgx_agrees(nine: Move):
    check_against_pgx(9, nine)


def test_pgx_agrees_on_a_small_board():
    check_against_pgx(4, timed_play(Go(4), NUM_STEPS, seed=7)[0])


def check_against_openspiel(size: int, moves: Move, lanes: int) -> None:
    """The first `lanes`. OpenSpiel counts rows from below; a game that repeats a position is a draw there."""
    pyspiel = pytest.importorskip("pyspiel")
    game = pyspiel.load_game(f"go(board_size={size},komi=7.5,max_game_length=1000)")
    points = size * size
    flipped = np.append(np.flipud(np.arange(points).reshape(size, size)).reshape(-1), points)
    ours, actions, masks = moves.after, flipped[moves.action], moves.after.legal_action_mask[..., flipped]
    refused, judged = 0, remembered(size, moves)
    for lane in range(lanes):
        state = game.new_initial_state()
        for step in range(len(actions)):
            if moves.lane.age[step, lane] == 0:
                state = game.new_initial_state()
            state.apply_action(int(actions[step, lane]))
            assert state.is_terminal() == ours.terminated[step, lane]
            assert state.rewards() == ours.rewards[step, lane].tolist()
            if not state.is_terminal():
                assert state.current_player() == ours.current_player[step, lane]
                legal = np.zeros(points + 1, np.bool_)
                legal[state.legal_actions()] = True
                assert (masks[step, lane] <= legal).all()
                refused += judged[step, lane] * (masks[step, lane] < legal).sum()
    assert refused < 10


def test_openspiel_agrees(nine: Move):
    check_against_openspiel(9, nine, LANES)


@pytest.mark.parametrize("size", [pytest.param(13, marks=pytest.mark.full), 19])
def test_openspiel_agrees_where_labels_are_wider(size: int):
    """Above 11 by 11 a byte does not hold the number of every point."""
    moves = timed_play(Go(size), 280, seed=7)[0]
    before, after = ((board != 0).sum(axis=-1) for board in (moves.lane.state.chains, moves.after.chains))
    assert (after < before).sum() > 20, "stones were taken"
    check_against_openspiel(size, moves, 6)


def chain_and_liberties(board: np.ndarray, start: tuple[int, int]) -> tuple[set, set]:
    """The stones linked with the one at `start`, and the empty points next to them."""
    chain, liberties, waiting = set(), set(), [start]
    while waiting:
        point = waiting.pop()
        chain.add(point)
        for side in sides(board, point):
            if board[side] == 0:
                liberties.add(side)
            elif board[side] == board[start] and side not in chain:
                waiting.append(side)
    return chain, liberties


def sides(board: np.ndarray, point: tuple[int, int]) -> list[tuple[int, int]]:
    """The points next to `point`."""
    row, column = point
    around = (row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)
    return [(r, c) for r, c in around if 0 <= r < len(board) and 0 <= c < len(board)]


def played(board: np.ndarray, point: tuple[int, int], colour: int) -> np.ndarray | None:
    """The board after a stone of `colour`, or None where that is occupied or suicide."""
    if board[point]:
        return None
    board = board.copy()
    board[point] = colour
    for side in sides(board, point):
        if board[side] == -colour:
            chain, liberties = chain_and_liberties(board, side)
            if not liberties:
                board[tuple(zip(*chain, strict=True))] = 0
    return board if chain_and_liberties(board, point)[1] else None


@pytest.mark.parametrize("size", [2, 3])
def test_superko_by_memory_of_whole_boards(size: int):
    """The mask on tiny boards, where positions come back all the time, against all earlier boards."""
    moves, forbidden = timed_play(Busy(size), 64, seed=3)[0], 0
    for lane in range(LANES):
        board, seen = np.zeros((size, size), int), set()
        for step in range(64):
            if moves.lane.age[step, lane] == 0:
                board, seen = np.zeros((size, size), int), set()
            seen.add(board.tobytes())
            colour = 1 - 2 * int(moves.lane.state.current_player[step, lane])
            after = [played(board, divmod(point, size), colour) for point in range(size * size)]
            sound = [new for new in after if new is not None]
            legal = [new is not None and new.tobytes() not in seen for new in after]
            mask = moves.lane.state.legal_action_mask[step, lane]
            assert mask[:-1].tolist() == legal
            forbidden += len(sound) - sum(legal)
            chosen = [*after, board][moves.action[step, lane]]
            assert chosen is not None
            board = chosen
    assert forbidden > 50
