"""The royal game of Ur: two players race their pieces over rosettes with dice.

Rules, in the simple form that Irving Finkel drew from a clay tablet of 177 BC: each player, player 0 (X)
first, takes 7 pieces along a way of 14 squares, of which the middle eight are common to both, and off the
board; whoever has all pieces off first wins. In a turn four dice are thrown, each of which shows 0 or 1, and
one piece moves by their sum: from the hand to the board, along the way, or, with just the number needed, off.
It may not end on a piece of one's own; one of the opponent that it ends on goes back to the hand. A piece
that ends on a rosette, which are squares 4, 8 and 14, gives another throw, and on that in the middle, square
8, it is safe. Who can move must; who cannot passes.

Actions (16).

| Action  | Move                                            | Written     |
|---------|-------------------------------------------------|-------------|
| 0       | a piece enters from the hand                    | `enter`     |
| 1 to 14 | the piece on this square moves on               | `1` to `14` |
| 15      | nothing, where there is no move, and only there | `pass`      |

Chance outcomes (5): the sums `0` to `4`, of probability 1/16, 4/16, 6/16, 4/16, 1/16.

Observation: `(38,)` float32.

| Index    | Meaning                                                                     |
|----------|-----------------------------------------------------------------------------|
| 0 to 13  | 1 where the observer has a piece: squares 1 to 14                           |
| 14 to 27 | 1 where the opponent has one, on squares of the opponent's way              |
| 28 to 32 | 1 at what the dice show, 0 to 4; none before the throw                      |
| 33       | 1 if it is the observer's turn                                              |
| 34, 35   | share of the pieces that are in the hand, the observer's and the opponent's |
| 36, 37   | share of the pieces that are off the board                                  |

Rewards: +1 to the winner and -1 to the loser at the last move.

Source: Irving Finkel, On the Rules for the Royal Game of Ur, in Ancient Board Games in Perspective, 2007;
https://royalur.net/rules
"""

import math
from dataclasses import dataclass
from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.game import CHANCE, GameDefaults
from jaxplay.games import _svg, _text
from jaxplay.struct import pytree
from jaxplay.typed import Range

OFF = 15
"""Where the way ends."""
PASS = 15
"""The action: its number is free, for no piece moves from there."""
ROSETTES = (4, 8, 14)
COMMON = (5, 6, 7, 8, 9, 10, 11, 12)
COMMON_BITS = np.uint32(sum(1 << square for square in COMMON))
SAFE_BIT = np.uint32(1 << 8)

PROBS = np.array([1, 4, 6, 4, 1], np.float32) / 16
PLAYERS = np.arange(2, dtype=np.int32)

ROWS = ((4, 3, 2, 1, 0, 0, 14, 13), COMMON, (4, 3, 2, 1, 0, 0, 14, 13))
"""Squares of the board as it lies: player 1's own, the common ones, player 0's own; 0: no square."""
CELL = 60
"""Width of a square in pixels."""
COLOURS = {"X": _svg.RED, "O": _svg.BLUE}


@pytree
class UrState:
    """A position: besides the fields of every state, pieces, dice and whose turn it is.

    Attributes:
        squares: `(2,)` uint32: where the player whose turn it is has pieces, and the opponent; bit `i` is
            square `i` of each one's own way.
        hand: `(2,)` int8: pieces that have not entered yet, in the same order.
        roll: `()` int8: what the dice show, 0 before they are thrown.
        turn: `()` int8: whose turn it is, also before the throw and at the end.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    squares: Array
    hand: Array
    roll: Array
    turn: Array


@dataclass(frozen=True)
class RoyalGameOfUr(GameDefaults):
    """Race over rosettes: see the module for rules, actions and observation.

    Attributes:
        pieces: Number of pieces of each player, 1 to 7.
    """

    pieces: Annotated[int, Range(1, 7)] = 7
    num_actions = 16
    num_chance_outcomes = 5
    has_draws = False
    max_plies = 2_000
    """Where self-play cuts: the game has no bound. Random play takes 160 decisions, seldom 220."""

    def init(self, key: Array) -> UrState:
        """All pieces in the hands, before the first throw of player 0."""
        return self._position(
            squares=jnp.zeros(2, jnp.uint32),
            hand=jnp.full(2, self.pieces, jnp.int8),
            roll=jnp.int8(0),
            turn=jnp.int8(0),
            to_throw=jnp.bool_(True),
        )

    def chance_probs(self, state: UrState) -> Array:
        """`(5,)` float32: of the sums of four dice."""
        return jnp.asarray(PROBS)

    def step(self, state: UrState, action: Array) -> UrState:
        """Chance throws the dice, or a player moves a piece or passes."""
        throws, stays = state.current_player == CHANCE, action == PASS
        target = action + state.roll.astype(jnp.int32)
        squares, hand = _moved(state.squares, state.hand, action, target)
        squares = jnp.where(throws | stays, state.squares, squares)
        hand = jnp.where(throws | stays, state.hand, hand)
        won = (squares[0] == 0) & (hand[0] == 0)
        rosette = ~stays & (target == np.array(ROSETTES)).any()
        keeps = throws | won | rosette
        return self._position(
            squares=jnp.where(keeps, squares, squares[::-1]),
            hand=jnp.where(keeps, hand, hand[::-1]),
            roll=jnp.where(throws, action, 0).astype(jnp.int8),
            turn=jnp.where(keeps, state.turn, 1 - state.turn),
            to_throw=~throws & ~won,
        )

    def _position(self, squares: Array, hand: Array, roll: Array, turn: Array, to_throw: Array) -> UrState:
        """The state in which `turn` is to throw the dice, is to move, or has won."""
        won, player = (squares[0] == 0) & (hand[0] == 0), turn.astype(jnp.int32)
        win = jnp.where(player == PLAYERS, jnp.float32(1), jnp.float32(-1))
        rolls = np.arange(self.num_actions) < self.num_chance_outcomes
        return UrState(
            current_player=jnp.where(to_throw, jnp.int32(CHANCE), player),
            legal_action_mask=jnp.where(to_throw, rolls, _legal(squares, hand, roll)) | won,
            rewards=jnp.where(won, win, jnp.float32(0)),
            terminated=won,
            squares=squares,
            hand=hand,
            roll=roll,
            turn=turn,
        )

    def observe(self, state: UrState, player: Array | None = None) -> Array:
        """`(38,)` float32: see the module."""
        turn = state.turn.astype(jnp.int32)
        player = turn if player is None else player
        squares, hand = (
            jnp.where(player == turn, both, both[::-1])
            for both in (state.squares, state.hand.astype(jnp.float32))
        )
        on_board = squares[:, None] >> np.arange(1, OFF, dtype=np.uint32)[None] & 1
        off = self.pieces - hand - on_board.sum(axis=1).astype(jnp.float32)
        decides = state.current_player != CHANCE
        shown = (np.arange(self.num_chance_outcomes, dtype=np.int8) == state.roll) & decides
        parts = [on_board.reshape(-1), shown, (player == turn)[None], hand / self.pieces, off / self.pieces]
        return jnp.concatenate([part.astype(jnp.float32) for part in parts])

    def action_to_string(self, action: int) -> str:
        """`enter`, the number of the square, or `pass`."""
        return {0: "enter", PASS: "pass"}.get(int(action), str(int(action)))

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`; case does not matter."""
        return _text.parse(text, map(self.action_to_string, range(self.num_actions)), "enter, 1 to 14, pass")

    def render(self, state: UrState, player: int | None = None) -> str:
        """The board, rosettes as `*`, the pieces that are not on it, and the dice."""
        lines = [" ".join(row).rstrip() for row in _letters(state)]
        for letter, (hand, off) in zip("XO", self._counts(state), strict=True):
            lines.append(f"{letter}: {hand} in hand, {off} off")
        return "\n".join([*lines, _status(state)])

    def _counts(self, state: UrState) -> list[tuple[int, int]]:
        """Of players 0 and 1: pieces in the hand, and off the board."""
        squares, hands = (words.tolist() for words in _by_player(state))
        return [
            (hand, self.pieces - hand - word.bit_count()) for word, hand in zip(squares, hands, strict=True)
        ]

    def render_svg(self, state: UrState, player: int | None = None) -> str:
        """The board of twenty squares with its rosettes; the hand of each player beside its own row."""
        edge = 20
        width, height = 8 * CELL + 2 * edge, 3 * CELL + 2 * edge + 36
        shapes = [_svg.rect(0, 0, width, height, "#6b4a2f", radius=10)]
        for row, letters in enumerate(_letters(state)):
            for column, letter in enumerate(letters):
                if letter != " ":
                    x, y = edge + column * CELL, edge + row * CELL
                    shapes += _square(x, y, letter, rosette=ROWS[row][column] in ROSETTES)
        for (hand, off), row in zip(self._counts(state), (2, 0), strict=True):
            x, y = edge + 5 * CELL, edge + (row + 0.5) * CELL
            shapes.append(_svg.text(x, y - 12, f"hand {hand}", fill=_svg.PAPER))
            shapes.append(_svg.text(x, y + 12, f"off {off}", fill=_svg.PAPER))
        shapes.append(_svg.text(width / 2, height - 28, _status(state), size=18, fill=_svg.PAPER))
        return _svg.document(width, height, *shapes)


def _moved(squares: Array, hand: Array, source: Array, target: Array) -> tuple[Array, Array]:
    """Pieces on the board and in the hands after a move from `source` to `target`."""
    one = jnp.uint32(1)
    leaves, lands = one << source.astype(jnp.uint32), one << target.astype(jnp.uint32)
    lands = jnp.where(target < OFF, lands, jnp.uint32(0))
    hit = squares[1] & lands & COMMON_BITS
    changes = jnp.stack([-(source == 0).astype(jnp.int8), (hit != 0).astype(jnp.int8)])
    return jnp.stack([squares[0] & ~leaves | lands, squares[1] & ~hit]), hand + changes


def _legal(squares: Array, hand: Array, roll: Array) -> Array:
    """`(A,)` bool: the squares from which a piece may move by `roll`, or else to pass."""
    by = roll.astype(jnp.uint32)
    pieces = squares[0] | (hand[0] > 0).astype(jnp.uint32)
    taken = squares[0] | squares[1] & SAFE_BIT
    sources = pieces & ~(taken >> by) & ((jnp.uint32(2) << (OFF - by)) - 1)
    sources = jnp.where(roll > 0, sources, jnp.uint32(0))
    moves = sources >> np.arange(OFF, dtype=np.uint32) & 1 != 0
    return jnp.append(moves, sources == 0)


def _by_player(state: UrState) -> tuple[np.ndarray, np.ndarray]:
    """Squares, `(2,)` words, and hands of players 0 and 1."""
    order = [0, 1] if int(state.turn) == 0 else [1, 0]
    return np.asarray(state.squares)[order], np.asarray(state.hand)[order]


def _letters(state: UrState) -> list[list[str]]:
    """The board as it lies: pieces, `*` for an empty rosette, `.` for another empty square."""
    squares, _ = _by_player(state)

    def letter(square: int, players: tuple[int, ...]) -> str:
        for player in players:
            if squares[player] >> square & 1:
                return "XO"[player]
        return "*" if square in ROSETTES else "."

    owners = ((1,), (0, 1), (0,))
    return [
        [letter(square, players) if square else " " for square in row]
        for row, players in zip(ROWS, owners, strict=True)
    ]


def _status(state: UrState) -> str:
    letter = "XO"[int(state.turn)]
    if state.terminated:
        return f"{letter} wins"
    return f"{letter} to throw" if state.current_player == CHANCE else f"{letter} to move: {state.roll}"


def _square(x: float, y: float, letter: str, *, rosette: bool) -> list[str]:
    """A square, its rosette, and the piece on it."""
    centre_x, centre_y = x + CELL / 2, y + CELL / 2
    shapes = [_svg.rect(x + 2, y + 2, CELL - 4, CELL - 4, "#ead7ae", radius=6)]
    if rosette:
        for corner in range(8):
            angle = corner * math.pi / 4
            at = centre_x + 15 * math.cos(angle), centre_y + 15 * math.sin(angle)
            shapes.append(_svg.circle(*at, 7, "#c0603a"))
        shapes.append(_svg.circle(centre_x, centre_y, 6, _svg.YELLOW))
    if letter in COLOURS:
        shapes.append(
            _svg.circle(centre_x, centre_y, 0.34 * CELL, COLOURS[letter], stroke=_svg.PAPER, width=3)
        )
    return shapes


GAME = RoyalGameOfUr
GROUP = "dice games"
