"""Chess against Pgx and OpenSpiel: the same random games, move by move, from the start and from endings."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import random_action
from jaxplay.games.chess import Chess, ChessState
from jaxplay.struct import replace

STARTS = (
    "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
    "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1",
    "r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1",
    "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 0 1",
    "n1n5/PPPk4/8/8/8/8/4Kppp/5N1N w - - 0 1",  # promotions
    "7k/8/5K2/8/8/8/8/R5Q1 w - - 0 1",  # mates and stalemates
    "8/8/8/4k3/8/8/4P3/4K3 w - - 0 1",  # bare kings to come
    "8/4k3/8/2b5/8/5B2/4K3/8 w - - 0 1",  # bishops on squares of different colours
    "8/4k3/8/3b4/8/5B2/3RK3/8 w - - 0 1",  # bishops on squares of one colour, once the rook is gone
    "8/4kn2/8/8/8/5N2/4K3/8 w - - 60 1",  # fifty moves to come
    "7K/8/5k2/8/8/8/8/r5q1 w - - 0 1",
)
LANES, NUM_STEPS, MAX_PLIES = 36, 300, 400
assert LANES * NUM_STEPS >= 10_000
CASTLING = {4672: 2364, 4673: 2367}
"""OpenSpiel's numbers of castling on the queen's and on the king's side, and ours."""

REPEATED = 14 * np.arange(1, 8) + 13
"""Planes of earlier boards: Pgx also sets them where the position came about again only later."""
EXACT = np.setdiff1d(np.arange(119), [REPEATED, REPEATED - 1])


class Played(NamedTuple):
    """Random games `(NUM_STEPS, LANES)`: whether a game begins, the move, and what came of it."""

    begins: Any
    action: Any
    after: ChessState


@pytest.fixture(scope="module")
def played() -> Played:
    """Each lane plays from its own position, again and again."""
    game = Chess()
    states = [game.from_fen(fen) for fen in STARTS] * (LANES // len(STARTS))
    starts = jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)

    def step(carry: Any, key: jax.Array) -> tuple[Any, Played]:
        states, age = carry
        action = jax.vmap(random_action)(states.legal_action_mask, jax.random.split(key, LANES))
        after = jax.vmap(game.step)(states, action)
        over = after.terminated | (age + 1 >= MAX_PLIES)
        going = jax.tree.map(lambda new, old: jax.vmap(jnp.where)(over, new, old), starts, after)
        return (going, jnp.where(over, 0, age + 1)), Played(age == 0, action, after)

    keys = jax.random.split(jax.random.key(3), NUM_STEPS)
    begin = starts, jnp.zeros(LANES, jnp.int32)
    return jax.device_get(jax.jit(lambda: jax.lax.scan(step, begin, keys)[1])())


def pgx_start(fen: str) -> Any:
    """The first state of a game of Pgx; its own reader leaves the usual first position in the past."""
    from pgx.experimental.chess import from_fen

    state = from_fen(fen)
    past, boards = jnp.zeros_like(state._x.hash_history), jnp.zeros_like(state._x.board_history)
    past, boards = past.at[0].set(state._x.hash_history[0]), boards.at[0].set(state._x.board)
    before = state._x._replace(hash_history=past, board_history=boards)
    return replace(state, _x=before)  # pyright: ignore[reportArgumentType]


@jax.numpy_rank_promotion("allow")
def test_pgx_agrees(played: Played):
    import pgx

    env, game = pgx.make("chess"), Chess()
    first = [pgx_start(fen) for fen in STARTS] * (LANES // len(STARTS))
    starts = jax.tree.map(lambda *leaves: jnp.stack(leaves), *first)

    def step(states: Any, move: Played) -> tuple[Any, dict[str, jax.Array]]:
        states = jax.tree.map(lambda new, old: jax.vmap(jnp.where)(move.begins, new, old), starts, states)
        theirs, ours = jax.vmap(env.step)(states, move.action), move.after
        seen = jax.vmap(game.observe)(ours)
        same = {
            "player": ours.current_player == theirs.current_player,
            "end": ours.terminated == theirs.terminated,
            "rewards": ours.rewards == theirs.rewards,
            "mask": ours.legal_action_mask == theirs.legal_action_mask,
            "observation": jnp.isclose(seen, theirs.observation)[..., EXACT],
            "repetition": (seen <= theirs.observation)[..., REPEATED],
        }
        return theirs, {name: each.reshape(LANES, -1).all(axis=1) for name, each in same.items()}

    same = jax.jit(lambda moves: jax.lax.scan(step, starts, moves)[1])(played)
    for name, each in same.items():
        assert each.all(), f"{name} differs at step and lane {np.argwhere(~np.asarray(each))[0]}"


def numbered(actions: list[int]) -> list[int]:
    """OpenSpiel's actions by our numbers."""
    return [CASTLING.get(action, action) for action in actions]


def openspiel_action(state: Any, action: int) -> int:
    """A move of the king by two squares has a number of its own in OpenSpiel."""
    castling = {ours: theirs for theirs, ours in CASTLING.items()}.get(action, action)
    return castling if castling in state.legal_actions() else action


def test_openspiel_agrees(played: Played):
    pyspiel = pytest.importorskip("pyspiel")
    game = pyspiel.load_game("chess")
    ends = {1: 0, 0: 0, -1: 0}
    for lane in range(LANES):
        state: Any = None
        for step in range(NUM_STEPS):
            if played.begins[step, lane]:
                state = game.new_initial_state(STARTS[lane % len(STARTS)])
            state.apply_action(openspiel_action(state, int(played.action[step, lane])))
            assert state.is_terminal() == played.after.terminated[step, lane], (step, lane, str(state))
            if state.is_terminal():
                white = played.after.rewards[step, lane]
                assert state.returns()[::-1] == white.tolist()
                ends[int(white[0])] += 1
            else:
                legal = np.flatnonzero(played.after.legal_action_mask[step, lane])
                theirs = sorted(numbered(state.legal_actions()))
                assert theirs == legal.tolist(), (step, lane, str(state))
    assert min(ends.values()) > 3, ends


def test_openspiel_writes_the_same(played: Played):
    """FEN, and the moves in SAN, of some positions."""
    pyspiel = pytest.importorskip("pyspiel")
    openspiel, game = pyspiel.load_game("chess"), Chess()
    for lane in range(LANES):
        ours = jax.tree.map(lambda leaf, lane=lane: leaf[lane, lane], played.after)
        if ours.terminated:
            continue
        theirs = openspiel.new_initial_state(game.to_fen(ours))
        assert theirs.board().to_fen().split()[:5] == game.to_fen(ours).split()[:5]
        for action in theirs.legal_actions():
            assert game.san(ours, *numbered([action])) == theirs.action_to_string(action)
