"""The royal game of Ur: against the rules told a piece at a time; ends, dice, notation and pictures."""

import xml.etree.ElementTree
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from playing import compiled_step, legal

from jaxplay.errors import UserError
from jaxplay.game import CHANCE
from jaxplay.games.royal_game_of_ur import PASS, RoyalGameOfUr
from jaxplay.testing.play import LANES, Move, timed_play

GAME = RoyalGameOfUr()
NUM_STEPS = 640


@dataclass
class Board:
    """Where the seven pieces of each player are: 0 in the hand, 15 off."""

    pieces: list[list[int]] = field(default_factory=lambda: [[0] * 7, [0] * 7])
    turn: int = 0
    roll: int | None = None

    def moves(self) -> set[int]:
        """Squares from which the player to move may move."""
        assert self.roll is not None
        return {square for square in set(self.pieces[self.turn]) if self.allows(square, square + self.roll)}

    def allows(self, source: int, target: int) -> bool:
        """Whether a piece may move."""
        if target == source or target > 15:
            return False
        own, other = self.pieces[self.turn], self.pieces[1 - self.turn]
        return target == 15 or not (target in own or (target == 8 and 8 in other))

    def move(self, source: int) -> None:
        """Move a piece, or pass where `source` is `PASS`."""
        assert self.roll is not None
        own, other = self.pieces[self.turn], self.pieces[1 - self.turn]
        target = source + self.roll
        if source != PASS:
            own[own.index(source)] = target
            if 5 <= target <= 12 and target in other:
                other[other.index(target)] = 0
        self.roll = None
        if source == PASS or target not in (4, 8, 14):
            self.turn = 1 - self.turn

    def winner(self) -> int | None:
        """Who has all pieces off."""
        return next((player for player in range(2) if set(self.pieces[player]) == {15}), None)


@pytest.fixture(scope="module")
def played() -> Move:
    """Random games `(NUM_STEPS, LANES)`."""
    return timed_play(GAME, NUM_STEPS, seed=11)[0]


def test_random_games_follow_the_rules(played: Move):
    board, after = Board(), played.after
    for lane in range(LANES):
        for step in range(NUM_STEPS):
            at, action = (step, lane), int(played.action[step, lane])
            if played.lane.age[at] == 0:
                board = Board()
            if board.roll is None:
                board.roll = action
            else:
                board.move(action)
            winner = board.winner()
            assert after.terminated[at] == (winner is not None)
            if winner is not None:
                assert after.rewards[at].tolist() == [1 - 2 * winner, 2 * winner - 1]
                continue
            assert after.turn[at] == board.turn and (after.current_player[at] == CHANCE) == (
                board.roll is None
            )
            mask = set(np.flatnonzero(after.legal_action_mask[at]).tolist())
            assert mask == (set(range(5)) if board.roll is None else board.moves() or {PASS})
    assert after.terminated.sum() > 30


def test_observations_tell_where_the_pieces_are(played: Move):
    """Every piece is on a square, in a hand or off."""
    seen = np.asarray(jax.jit(jax.vmap(jax.vmap(GAME.observe)))(played.after))
    assert seen.shape == (NUM_STEPS, LANES, 38)
    for squares, hand, off in ((slice(14), 34, 36), (slice(14, 28), 35, 37)):
        pieces = seen[..., squares].sum(axis=-1) + 7 * (seen[..., hand] + seen[..., off])
        np.testing.assert_allclose(pieces, 7, rtol=1e-6)
    decides = (played.after.current_player != CHANCE) & ~played.after.terminated
    np.testing.assert_array_equal(seen[..., 28:33].argmax(axis=-1)[decides], played.after.roll[decides])
    assert (seen[..., 33] == 1).all()
    other = GAME.observe(jax.tree.map(lambda x: jnp.asarray(x[100, 0]), played.after), jnp.int32(0))
    assert other[33] == (played.after.turn[100, 0] == 0)


def play(turns: str):
    """The state after throws and moves, such as `4:enter 2:4`."""
    step, state = compiled_step(GAME), GAME.init(jax.random.key(0))
    for turn in turns.split():
        roll, _, name = turn.partition(":")
        state = step(state, jnp.int32(int(roll)))
        if name:
            assert name in legal(GAME, state)
            state = step(state, jnp.int32(GAME.parse_action(name)))
    return state


def test_a_rosette_gives_another_throw():
    assert int(play("4:enter").turn) == 0 and int(play("3:enter").turn) == 1


def test_the_rosette_in_the_middle_is_safe():
    state = play("4:enter 4:4 2:enter 4:enter 4")
    assert GAME.render(state).splitlines()[:3] == ["O . . .     * .", ". . . X . . . .", "* . X .     * ."]
    assert legal(GAME, state) == {"pass"}  # 4 is one's own, 8 is safe
    assert legal(GAME, play("4:enter 4:4 2:enter 4:enter 3")) == {"enter", "4"}


def test_the_dice():
    probs = GAME.chance_probs(GAME.init(jax.random.key(0)))
    np.testing.assert_allclose(probs * 16, [1, 4, 6, 4, 1])


def test_who_cannot_move_passes():
    state = play("0")
    assert legal(GAME, state) == {"pass"}
    assert int(play("0:pass").turn) == 1


def test_bad_options_are_refused():
    for pieces in (0, 8):
        with pytest.raises(UserError, match="allowed: 1 to 7"):
            RoyalGameOfUr(pieces=pieces)


def test_notation():
    assert [GAME.action_to_string(action) for action in (0, 1, 14, 15)] == ["enter", "1", "14", "pass"]
    assert GAME.parse_action(" Enter ") == 0
    for text in ("15", "0", ""):
        with pytest.raises(UserError, match="allowed: enter, 1 to 14, pass"):
            GAME.parse_action(text)


def test_render():
    assert GAME.render(play("3:enter 4:enter 4")).splitlines() == [
        "O . . .     * .",
        ". . . * . . . .",
        "* X . .     * .",
        "X: 6 in hand, 0 off",
        "O: 6 in hand, 0 off",
        "O to move: 4",
    ]
    assert GAME.render(play("")).endswith("X to throw")


def test_render_svg():
    """Twenty squares on a board."""
    picture = xml.etree.ElementTree.fromstring(GAME.render_svg(play("3:enter")))
    assert len([shape for shape in picture if shape.tag.endswith("rect")]) == 21
