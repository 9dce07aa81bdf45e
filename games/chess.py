"""Chess: checkmate the king, by the rules of FIDE.

Rules: those of FIDE; player 0 is white. Checkmate wins. The game is a draw by stalemate; when neither side
has the pieces to mate (a king against a king with at most a knight or a bishop; or nothing but bishops, all
on squares of one colour); when a position has come about for the third time, with the same player to move and
the same moves; and when in fifty moves of each player no pawn has moved and nothing was taken. FIDE lets
players claim the last two; here they end the game. Self-play cuts games after 512 plies, where Pgx ends them.

Actions (4,672), as in Pgx and AlphaZero: `73 * square + plane`. Square `8 * file + rank` is where the piece
stands (a1 is 0, a2 is 1, b1 is 8). For black the board is mirrored, so that the own first rank is rank 1.

| Plane    | Move                                                                                         |
|----------|----------------------------------------------------------------------------------------------|
| 0 to 8   | promotion to rook (0 to 2), bishop, knight: straight on, taking to the right, to the left    |
| 9 to 64  | along a line, seven planes a direction: down (7 squares to 1), up (1 to 7), left (7 to 1),   |
|          | right (1 to 7), down left (7 to 1), up right (1 to 7), up left (7 to 1), down right (1 to 7) |
| 65 to 72 | a knight's jump by files and ranks: -2 -1, -2 1, -1 -2, -1 2, 2 -1, 2 1, 1 -2, 1 2           |

A king castles by two squares. A pawn that comes to the last rank along a line becomes a queen. Moves are
written as in UCI, `e2e4` or `a7a8q`: see `Chess.move_to_string`, and `Chess.san`, which writes `Nf3`. Names
of actions without a position are those of white's moves, `a7a8` for a pawn's or another piece's.

Observation: `(8, 8, 119)` float32, as in Pgx and AlphaZero: the observer's last rank first, files from a.

| Plane             | Holds                                                                              |
|-------------------|------------------------------------------------------------------------------------|
| 14 i + 0 to 5     | 1 where the observer had a pawn, knight, bishop, rook, queen, king, i plies ago    |
| 14 i + 6 to 11    | the same of the opponent; i is 0 to 7                                              |
| 14 i + 12, 13     | 1 everywhere: the position i plies ago was new; it had come about before           |
| 112               | 1 everywhere: the observer is black                                                |
| 113               | plies so far / 512                                                                 |
| 114 to 117        | 1 everywhere: the right to castle, own on the queen's side, on the king's, theirs  |
| 118               | plies since a pawn moved or a piece was taken / 100                                |

Rewards: +1 to the winner and -1 to the loser at checkmate, 0 for a draw.

Source: FIDE, Laws of Chess, 2023, https://handbook.fide.com/chapter/E012023; actions and observation: Silver
et al., A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play, 2018
"""

import functools
import re
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.errors import UserError, quoted
from jaxplay.game import GameDefaults
from jaxplay.games import _chess_notation as notation
from jaxplay.games import _chess_render
from jaxplay.games._bits import Bits64
from jaxplay.games._chess_board import FILES, RANKS, Pieces, Position, both_sides, other_view, stacked, turned
from jaxplay.games._chess_moves import NUM_MOVES, Trajectory, legal_moves, play
from jaxplay.games._chess_notation import MAX_CLOCK
from jaxplay.struct import pytree, replace

MAX_PLIES = 512
NUM_BOARDS = 8
"""Number of boards that an observer sees."""
PLY_PLANE, CLOCK_PLANE = 113, 118
COLOURS = ("white", "black")
SQUARES = "squares such as e2e4 or a7a8n"
EVERYWHERE = Bits64.constant(np.ones(64, np.bool_))
DARK_SQUARES = Bits64.constant((FILES + RANKS) % 2 == 0)
DIGEST_KEYS = np.random.RandomState(1970).randint(2**32, size=(2, 9), dtype=np.uint64).astype(np.uint32)
PLAYERS = np.arange(2, dtype=np.int32)


@pytree
class ChessState:
    """A position: besides the fields of every state, the board, its past, and what the rules of drawing need.

    All is as the player to move sees it, also the boards of the past.

    Attributes:
        boards: `(8, 4)` `Bits64`: the board now, a ply ago, and so on; see `_chess_board`.
        repeated: `(8,)` bool: whether the position of each had come about before.
        castling: `(2, 2)` bool: own rights and the opponent's, to castle on the queen's and the king's side.
        en_passant: `()` int8: the file of a pawn that can be taken in passing, else -1.
        clock: `()` int8: plies since a pawn moved or a piece was taken.
        ply: `()` int16: plies so far.
        past: `(2, 100)` uint32: digests of the positions that can come again, the latest first, then zeros.
    """

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    boards: Bits64
    repeated: Array
    castling: Array
    en_passant: Array
    clock: Array
    ply: Array
    past: Array


@dataclass(frozen=True)
class Chess(GameDefaults):
    """Checkmate the king: see the module for rules, actions and observation."""

    num_actions = NUM_MOVES
    max_plies = MAX_PLIES

    def init(self, key: Array) -> ChessState:
        """The first position, white to move."""
        moves = Trajectory(jnp.asarray(_first_moves()), jnp.bool_(True), jnp.bool_(False), jnp.bool_(False))
        return _judged(_begun(notation.read_fen(notation.START)), moves)

    def from_fen(self, text: str) -> ChessState:
        """The state of a position in Forsyth-Edwards notation; nothing is known of its past.

        Raises:
            UserError: `text` is no position, or the player who is not to move is in check.
        """
        fen = notation.read_fen(text)
        if _moves(other_view(fen.position)).checked:
            raise UserError(f"{text!r} is not a position; allowed: in check is at most who moves next")
        return jax.jit(_judged)(_begun(fen), _moves(fen.position))

    def to_fen(self, state: ChessState) -> str:
        """The position in Forsyth-Edwards notation; en passant is told only where it is legal."""
        black, number = bool(state.current_player), int(state.ply) // 2 + 1
        return notation.write_fen(notation.Fen(_position(state), black, int(state.clock), number))

    def step(self, state: ChessState, action: Array) -> ChessState:
        """Move a piece; the turn goes to the other player, also when the game ends."""
        played, final = play(_position(state), action)
        after = replace(
            state,
            current_player=1 - state.current_player,
            boards=turned(_shifted(played.board, state.boards)),
            castling=played.castling[::-1],
            en_passant=played.en_passant,
            clock=jnp.where(final, jnp.int8(0), state.clock + jnp.int8(1)),
            ply=state.ply + jnp.int16(1),
            past=jnp.where(final, jnp.uint32(0), state.past),
        )
        return _judged(after, legal_moves(_position(after)))

    def observe(self, state: ChessState, player: Array | None = None) -> Array:
        """`(8, 8, 119)` float32: eight boards of both players, repetition, colour, counts and rights."""
        boards, castling = state.boards, state.castling
        if player is None:
            player = state.current_player
        else:
            same = player == state.current_player
            boards = jax.tree.map(lambda own, other: jnp.where(same, own, other), boards, turned(boards))
            castling = jnp.where(same, castling, castling[::-1])
        facts = jnp.stack([player == 1, jnp.bool_(True), *castling.reshape(-1), jnp.bool_(True)])
        pieces, facts = _piece_planes(boards, state.repeated), EVERYWHERE.where(facts)
        words = ((getattr(pieces, word).reshape(-1), getattr(facts, word)) for word in ("low", "high"))
        planes = _squares(*(jnp.concatenate(parts) for parts in words)).astype(jnp.float32)
        scale = jnp.ones(planes.shape[-1], jnp.float32)
        scale = scale.at[PLY_PLANE].set(state.ply.astype(jnp.float32) / MAX_PLIES)
        scale = scale.at[CLOCK_PLANE].set(state.clock.astype(jnp.float32) / MAX_CLOCK)
        return planes * scale[None, None]

    def action_to_string(self, action: int) -> str:
        """White's move as UCI writes it, but for the `q` of a new queen."""
        return notation.move_name(int(action))

    def parse_action(self, text: str) -> int:
        """The inverse of `action_to_string`."""
        action = notation.parse_move(text.strip())
        if action is None:
            raise UserError(f"{quoted(text)} is not a move; allowed: {SQUARES}")
        return action

    def move_to_string(self, state: ChessState, action: int) -> str:
        """A move as UCI writes it."""
        board, black = notation.letters(_position(state).board), bool(state.current_player)
        return notation.uci(board, int(action), black)

    def san(self, state: ChessState, action: int) -> str:
        """A legal move as players write it: `e4`, `Nbxd7+`, `O-O`, `exd8=Q#`."""
        position, black = _position(state), bool(state.current_player)
        legal = np.flatnonzero(_moves(position).legal).tolist()
        after = _moves_after(position, jnp.int32(action))
        mark = "" if not after.checked else "+" if after.any else "#"
        return notation.san(notation.letters(position.board), legal, int(action), black) + mark

    def parse_move(self, state: ChessState, text: str) -> int:
        """The inverse of `move_to_string`, and of `san`, where a mark of check may be left out."""
        name = text.strip()
        action = notation.parse_move(name, bool(state.current_player))
        if action is not None and self.move_to_string(state, action) == name:
            return action
        found = re.fullmatch(r"(.+?)([+#]?)[!?]{0,2}", name)
        action = self.legal_by_san(state).get(found[1].replace("0", "O")) if found else None
        if found is None or action is None or (found[2] and not self.san(state, action).endswith(("+", "#"))):
            raise UserError(f"{quoted(text)} is not a move; allowed: {SQUARES}, or Nf3")
        return action

    def legal_by_san(self, state: ChessState) -> dict[str, int]:
        """Every legal move by its name without the mark of a check."""
        position, black = _position(state), bool(state.current_player)
        board, legal = notation.letters(position.board), np.flatnonzero(_moves(position).legal).tolist()
        return {notation.san(board, legal, action, black): action for action in legal}

    def render(self, state: ChessState, player: int | None = None) -> str:
        """The board as white sees it, white's pieces as capitals; who is to move, or how the game ended."""
        return _chess_render.text(_seen_by_white(state, 0), self._status(state))

    def render_svg(self, state: ChessState, player: int | None = None) -> str:
        """The board as white sees it, the last move in colour."""
        now, before = _seen_by_white(state, 0), _seen_by_white(state, 1)
        changed = np.argwhere(now != before) if (before != ".").any() else ()
        return _chess_render.svg(
            now, {(int(row), int(column)) for row, column in changed}, self._status(state)
        )

    def _status(self, state: ChessState) -> str:
        position, player = _position(state), int(state.current_player)
        moves = _moves(position)
        check = ", in check" if moves.checked else ""
        if not state.terminated:
            return f"{COLOURS[player]} to move{check}"
        if not moves.any:
            return f"{COLOURS[1 - player]} wins by checkmate" if check else "draw by stalemate"
        if _cannot_mate(position.board):
            return "draw: neither side can mate"
        return "draw by fifty moves" if state.clock >= MAX_CLOCK else "draw by repetition"


def _position(state: ChessState) -> Position:
    """The part of a state that tells the legal moves."""
    return Position(jax.tree.map(lambda words: words[0], state.boards), state.castling, state.en_passant)


def _shifted(first: Bits64, boards: Bits64) -> Bits64:
    """`(8, 4)`: one board before `boards`, `(8, 4)`, the last of which is dropped."""
    return jax.tree.map(lambda new, old: jnp.concatenate([new[None], old[:-1]]), first, boards)


def _begun(fen: notation.Fen) -> ChessState:
    """The state of a position without a past, before it is judged."""
    empty = jax.tree.map(lambda words: jnp.zeros((NUM_BOARDS, *words.shape), words.dtype), fen.position.board)
    return ChessState(
        current_player=jnp.int32(fen.black),
        legal_action_mask=jnp.zeros(NUM_MOVES, jnp.bool_),
        rewards=jnp.zeros(2, jnp.float32),
        terminated=jnp.bool_(False),
        boards=_shifted(fen.position.board, empty),
        repeated=jnp.zeros(NUM_BOARDS, jnp.bool_),
        castling=fen.position.castling,
        en_passant=fen.position.en_passant,
        clock=jnp.int8(fen.clock),
        ply=jnp.int16(2 * (fen.number - 1) + fen.black),
        past=jnp.zeros((2, MAX_CLOCK), jnp.uint32),
    )


def _judged(state: ChessState, moves: Trajectory) -> ChessState:
    """`state`, just come about, with the end of the game, and with its own position in its past."""
    position = replace(
        _position(state), en_passant=jnp.where(moves.in_passing, state.en_passant, jnp.int8(-1))
    )
    digest = _digest(position, state.current_player)[:, None]
    times = (state.past == digest).all(axis=0).sum(dtype=jnp.int32)
    mated = ~moves.any & moves.checked
    drawn = (state.clock >= MAX_CLOCK) | (times >= 2) | _cannot_mate(position.board)
    ended = ~moves.any | drawn
    won = jnp.where(state.current_player == PLAYERS, jnp.float32(-1), jnp.float32(1))
    return replace(
        state,
        legal_action_mask=moves.legal | ended,
        rewards=jnp.where(mated, won, jnp.float32(0)),
        terminated=ended,
        en_passant=position.en_passant,
        repeated=jnp.append(times > 0, state.repeated[:-1]),
        past=jnp.concatenate([digest, state.past[:, :-1]], axis=1),
    )


def _cannot_mate(board: Bits64) -> Array:
    """`()` bool: neither side has the pieces to mate."""
    own, theirs = both_sides(board)
    knights, bishops = own.knights | theirs.knights, own.diagonal | theirs.diagonal
    mighty = (own.pawns | theirs.pawns | own.straight | theirs.straight).any()
    few = knights.count() + bishops.count() <= 1
    one_colour = ~(bishops & DARK_SQUARES).any() | ~(bishops & ~DARK_SQUARES).any()
    return ~mighty & (few | (~knights.any() & one_colour))


def _digest(position: Position, player: Array) -> Array:
    """`(2,)` uint32: tells positions apart, but for one pair in 2**64, by the last steps of MurmurHash3."""
    facts = *position.castling.reshape(-1), player, position.en_passant + 1
    rest = sum(fact.astype(jnp.uint32) << shift for shift, fact in enumerate(facts))
    words = jnp.concatenate([position.board.low, position.board.high, jnp.stack([rest])])[None] ^ DIGEST_KEYS
    words = (words ^ (words >> 16)) * np.uint32(0x85EBCA6B)
    words = (words ^ (words >> 13)) * np.uint32(0xC2B2AE35)
    return (words ^ (words >> 16)).sum(axis=1, dtype=jnp.uint32)


def _piece_planes(boards: Bits64, repeated: Array) -> Bits64:
    """`(8, 14)`: of each board the pieces by kind, own and the opponent's, and whether it was new or not."""
    kinds = [kind for side in both_sides(boards) for kind in _kinds(side)]
    return stacked([*kinds, EVERYWHERE.where(~repeated), EVERYWHERE.where(repeated)])


def _kinds(side: Pieces) -> list[Bits64]:
    """Pawns, knights, bishops, rooks, queens, king."""
    bishops, rooks = side.diagonal & ~side.straight, side.straight & ~side.diagonal
    return [side.pawns, side.knights, bishops, rooks, side.diagonal & side.straight, side.king]


def _squares(low: Array, high: Array) -> Array:
    """`(8, 8, n)` bool: the squares of `n` boards, given in words: last rank first, files from a."""
    ranks, files = np.arange(8, dtype=np.uint32)[::-1, None], np.arange(4, dtype=np.uint32)[None]
    bit = (8 * files + ranks)[..., None]
    return jnp.concatenate([(word[None, None] >> bit) & 1 != 0 for word in (low, high)], axis=1)


def _seen_by_white(state: ChessState, age: int) -> np.ndarray:
    """`(8, 8)`: letters of the board `age` plies ago, the eighth rank first, white's pieces as capitals."""
    board = jax.tree.map(lambda words: words[age], state.boards)
    squares = notation.letters(board).reshape(8, 8)
    if state.current_player == 1:
        squares = np.char.swapcase(squares)[:, ::-1]
    return squares.T[::-1]


@functools.cache
def _first_moves() -> np.ndarray:
    """`(4672,)` bool: what white may do at first."""
    pawns = [f"{file}2{file}{rank}" for file in "abcdefgh" for rank in "34"]
    names = [*pawns, "b1a3", "b1c3", "g1f3", "g1h3"]
    return np.array([notation.move_name(action) in names for action in range(NUM_MOVES)])


_moves = jax.jit(legal_moves)


@jax.jit
def _moves_after(position: Position, action: Array) -> Trajectory:
    """The moves of the other player after a move."""
    return legal_moves(other_view(play(position, action)[0]))


GAME = Chess
GROUP = "board games"
