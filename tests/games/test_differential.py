"""Our games against Pgx's and OpenSpiel's: the same random games, move by move.

A `Peer` tells what differs: names, the ends of games, and how OpenSpiel prints a position.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.game import CHANCE, Game, make
from jaxplay.testing.play import LANES, Move, timed_play

NUM_STEPS = 320
"""Moves in each lane: `DECISIONS` where no chance is among them."""
DECISIONS = 10_000
"""Decisions that are compared, at least."""
assert NUM_STEPS * LANES >= DECISIONS


def whole(text: str) -> str:
    """What OpenSpiel prints, if that is the board alone."""
    return text


def numbered_rows(text: str) -> str:
    """The rows of a board between two row numbers, empty cells as dots."""
    rows = (line.split() for line in text.splitlines() if line[:1].isdigit())
    return "\n".join("".join(row[1:-1]) for row in rows).replace("-", ".")


def rhombus(text: str) -> str:
    """The rows of a sloping board, whose letters tell more than whose stone it is."""
    return text.translate(str.maketrans("XYZyzOPQpq", "xxxxxooooo", " "))


def black_and_white(text: str) -> str:
    """The rows of a board behind their numbers, black being player 0."""
    rows = (line[1:] for line in text.splitlines() if line[:1].isdigit())
    return "\n".join(rows).translate(str.maketrans("bw", "xo"))


def after_colon(text: str) -> str:
    """What follows the number of the player."""
    return text.partition(": ")[2]


def first_line(text: str) -> str:
    """What is printed before whose turn it is."""
    return text.splitlines()[0]


def words(text: str) -> str:
    """What is printed, with single spaces."""
    return " ".join(text.split())


def boards(game: Game[Any], states: Any) -> np.ndarray:
    """Positions `(num_steps, LANES)` as rows of letters."""
    observe = jax.vmap(jax.vmap(lambda state: game.observe(state, jnp.int32(0))))
    planes = np.asarray(jax.jit(observe)(states)).astype(bool)
    letters = np.where(planes[..., 0], "x", np.where(planes[..., 1], "o", "."))
    flat = letters.reshape(-1, *letters.shape[2:])
    texts = ["\n".join("".join(row) for row in board) for board in flat]
    return np.array(texts).reshape(letters.shape[:2])


def piles(game: Game[Any], states: Any) -> np.ndarray:
    """Positions `(num_steps, LANES)` of Nim as numbers."""
    return np.array([[" ".join(map(str, sizes)) for sizes in row] for row in states.piles])


def scores(game: Game[Any], states: Any) -> np.ndarray:
    """Positions `(num_steps, LANES)` of Pig as OpenSpiel tells them."""
    rows = zip(states.scores, states.total, strict=True)
    return np.array(
        [[f"Scores: {a} {b}, Turn total: {t}" for (a, b), t in zip(*row, strict=True)] for row in rows]
    )


def powers(game: Game[Any], states: Any) -> np.ndarray:
    """Positions `(num_steps, LANES)` of 2048 as numbers along the rows, zero where no tile lies."""
    numbers = np.where(states.tiles > 0, 1 << states.tiles.astype(np.int32), 0).reshape(
        *states.tiles.shape[:2], -1
    )
    return np.array([[" ".join(map(str, board)) for board in row] for row in numbers])


@dataclass(frozen=True, eq=False)
class Peer:
    """A game that others have too, with the same action ids.

    Attributes:
        name: its name here.
        openspiel: its name there, with options.
        pgx: its name there; empty: none with these options.
        options: here.
        positions: ours as texts; by default rows of `x` (player 0), `o` and `.`.
        cells: from what OpenSpiel prints to such a text.
        actions: OpenSpiel's numbers of our actions, where they differ.
        misses_moves: whether OpenSpiel leaves out some legal moves, an error of its own.
        num_steps: moves in each lane; more of them where chance moves too.
        pgx_passes: what Pgx has both players do, where neither can move, before it ends the game.
    """

    name: str
    openspiel: str
    pgx: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    positions: Callable[[Game[Any], Any], np.ndarray] = boards
    cells: Callable[[str], str] = whole
    actions: tuple[int, ...] | None = None
    misses_moves: bool = False
    num_steps: int = NUM_STEPS
    pgx_passes: int | None = None

    def __str__(self) -> str:
        return self.openspiel

    def theirs(self, action: int) -> int:
        """OpenSpiel's number of an action."""
        return action if self.actions is None else self.actions[action]


PEERS = [
    Peer("tic_tac_toe", "tic_tac_toe", pgx="tic_tac_toe"),
    Peer("connect_four", "connect_four", pgx="connect_four"),
    Peer("gomoku", "mnk"),
    Peer("gomoku", "mnk(m=6,n=5,k=4)", options={"rows": 5, "columns": 6, "k": 4}),
    Peer("breakthrough", "breakthrough", cells=black_and_white),
    Peer(
        "breakthrough",
        "breakthrough(rows=5,columns=4)",
        options={"rows": 5, "columns": 4},
        cells=black_and_white,
    ),
    Peer("nim", "nim(is_misere=False)", positions=piles, cells=after_colon),
    Peer(
        "nim",
        "nim(pile_sizes=4;9;2,is_misere=True)",
        options={"piles": (4, 9, 2), "misere": True},
        positions=piles,
        cells=after_colon,
    ),
    Peer("pig", "pig", positions=scores, cells=first_line, num_steps=512),
    Peer(
        "twenty_forty_eight",
        "2048(max_tile=65536)",
        positions=powers,
        cells=words,
        actions=(3, 0, 1, 2),
        misses_moves=True,
        num_steps=672,
    ),
    Peer("othello", "othello", pgx="othello", cells=numbered_rows, pgx_passes=64),
    Peer("hex", "hex(swap=True)", pgx="hex", cells=rhombus),
    Peer("hex", "hex(board_size=5)", options={"size": 5, "swap": False}, cells=rhombus),
    Peer("hex", "hex(board_size=4,swap=True)", options={"size": 4}, cells=rhombus),
]


@functools.cache
def played(peer: Peer) -> tuple[Game[Any], Move]:
    """The game, and random games `(num_steps, LANES)`."""
    game = make(peer.name, **peer.options)
    return game, timed_play(game, peer.num_steps, seed=7)[0]


def pgx_states(peer: Peer, moves: Move) -> tuple[Any, Any]:
    """What Pgx makes of the same moves: the first state, and the states after each move."""
    import pgx

    env = pgx.make(peer.pgx)  # pyright: ignore[reportArgumentType]
    first = env.init(jax.random.key(0))

    def step(state: Any, move: tuple[jax.Array, jax.Array]) -> tuple[Any, Any]:
        new, action = move
        state = jax.tree.map(lambda x, y: jnp.where(new, x, y), first, state)
        state = env.step(state, action)
        state = both_pass(env, state, peer.pgx_passes)
        return state, state

    lane = jax.vmap(lambda new, actions: jax.lax.scan(step, first, (new, actions))[1], 1, 1)
    return jax.device_get((first, jax.jit(lane)(moves.lane.age == 0, moves.action)))


def both_pass(env: Any, state: Any, action: int | None) -> Any:
    """The end of the game where both players can only pass."""
    if action is None:
        return state
    one = env.step(state, action)
    stuck = ~state.terminated & state.legal_action_mask[action] & one.legal_action_mask[action]
    return jax.tree.map(lambda x, y: jnp.where(stuck, x, y), env.step(one, action), state)


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer.pgx], ids=str)
def test_pgx_agrees(peer: Peer):
    game, moves = played(peer)
    first, theirs = pgx_states(peer, moves)
    beginner = int(first.current_player)
    ours = moves.after
    np.testing.assert_array_equal(ours.terminated, theirs.terminated)
    np.testing.assert_array_equal(ours.legal_action_mask, theirs.legal_action_mask)
    np.testing.assert_array_equal(ours.current_player, theirs.current_player ^ beginner)
    np.testing.assert_array_equal(ours.rewards, theirs.rewards[..., [beginner, 1 - beginner]])
    observations = jax.jit(jax.vmap(jax.vmap(game.observe)))(ours)
    np.testing.assert_array_equal(observations, theirs.observation.astype(np.float32))
    assert ours.terminated.sum() > 50 and (ours.rewards != 0).any(axis=(0, 1)).all()


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_openspiel_agrees(peer: Peer):
    pyspiel = pytest.importorskip("pyspiel")
    ours, moves = played(peer)
    game, texts = pyspiel.load_game(peer.openspiel), peer.positions(ours, moves.after)
    assert moves.after.terminated.sum() > 20
    assert (moves.lane.state.current_player != CHANCE).sum() >= DECISIONS
    for lane in range(LANES):
        state = game.new_initial_state()
        for step in range(peer.num_steps):
            at = step, lane
            if moves.lane.age[at] == 0:
                state = game.new_initial_state()
            action = int(moves.action[at])
            state.apply_action(action if state.current_player() == CHANCE else peer.theirs(action))
            assert peer.cells(str(state)).strip() == texts[at]
            assert state.returns() == moves.returns[at].tolist()
            compare(peer, state, jax.tree.map(lambda x, at=at: x[at], moves.after))


def compare(peer: Peer, theirs: Any, ours: Any) -> None:
    """Ends, whose turn it is, and what may be done."""
    assert theirs.is_terminal() == ours.terminated
    if not ours.terminated:
        assert theirs.current_player() == ours.current_player
        legal = np.flatnonzero(ours.legal_action_mask).tolist()
        if ours.current_player != CHANCE:
            legal = sorted(map(peer.theirs, legal))
        allowed = theirs.legal_actions()
        assert set(allowed) <= set(legal) if peer.misses_moves else allowed == legal
