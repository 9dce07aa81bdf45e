"""Our games against Pgx's and OpenSpiel's: the same random games, move by move."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import make
from jaxplay.testing.play import LANES, Move, timed_play

GAMES = ["tic_tac_toe", "connect_four"]
NUM_STEPS = 320
assert NUM_STEPS * LANES >= 10_000


@pytest.fixture(scope="module", params=GAMES)
def played(request: pytest.FixtureRequest) -> tuple[str, Move]:
    """A game's name, and random games `(NUM_STEPS, LANES)` of it."""
    return request.param, timed_play(make(request.param), NUM_STEPS, seed=7)[0]


def pgx_states(name: str, moves: Move) -> tuple[Any, Any]:
    """What Pgx makes of the same moves: the first state, and the states after each move."""
    import pgx

    env = pgx.make(name)  # pyright: ignore[reportArgumentType]
    first = env.init(jax.random.key(0))

    def step(state: Any, move: tuple[jax.Array, jax.Array]) -> tuple[Any, Any]:
        new, action = move
        state = jax.tree.map(lambda x, y: jnp.where(new, x, y), first, state)
        state = env.step(state, action)
        return state, state

    lane = jax.vmap(lambda new, actions: jax.lax.scan(step, first, (new, actions))[1], 1, 1)
    return jax.device_get((first, jax.jit(lane)(moves.lane.age == 0, moves.action)))


def test_pgx_agrees(played: tuple[str, Move]):
    name, moves = played
    first, theirs = pgx_states(name, moves)
    beginner = int(first.current_player)
    ours = moves.after
    np.testing.assert_array_equal(ours.terminated, theirs.terminated)
    np.testing.assert_array_equal(ours.legal_action_mask, theirs.legal_action_mask)
    np.testing.assert_array_equal(ours.current_player, theirs.current_player ^ beginner)
    np.testing.assert_array_equal(ours.rewards, theirs.rewards[..., [beginner, 1 - beginner]])
    observations = jax.jit(jax.vmap(jax.vmap(make(name).observe)))(ours)
    np.testing.assert_array_equal(observations, theirs.observation.astype(np.float32))
    assert ours.terminated.sum() > 100 and (ours.rewards != 0).any(axis=(0, 1)).all()


def boards(name: str, moves: Move) -> np.ndarray:
    """The positions as OpenSpiel prints them: `(NUM_STEPS, LANES)` texts."""
    observe = jax.vmap(jax.vmap(lambda state: make(name).observe(state, jnp.int32(0))))
    first, second = np.moveaxis(np.asarray(jax.jit(observe)(moves.after)), -1, 0).astype(bool)
    letters = np.where(first, "x", np.where(second, "o", "."))
    flat = letters.reshape(-1, *letters.shape[2:])
    texts = ["\n".join("".join(row) for row in board) for board in flat]
    return np.array(texts).reshape(letters.shape[:2])


def test_openspiel_agrees(played: tuple[str, Move]):
    pyspiel = pytest.importorskip("pyspiel")
    name, moves = played
    game, texts = pyspiel.load_game(name), boards(name, moves)
    for lane in range(LANES):
        state = game.new_initial_state()
        for step in range(NUM_STEPS):
            if moves.lane.age[step, lane] == 0:
                state = game.new_initial_state()
            state.apply_action(int(moves.action[step, lane]))
            after = jax.tree.map(lambda x, at=(step, lane): x[at], moves.after)
            assert str(state).strip() == texts[step, lane]
            assert state.is_terminal() == after.terminated
            assert state.rewards() == after.rewards.tolist()
            if not after.terminated:
                assert state.current_player() == after.current_player
                assert state.legal_actions() == np.flatnonzero(after.legal_action_mask).tolist()
