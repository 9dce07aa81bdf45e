"""Chess: castling, passing, promotion, every way to end, FEN, notation and pictures."""

import xml.etree.ElementTree

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.games.chess import Chess

GAME = Chess()
STEP = jax.jit(GAME.step)
START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"


LOYD = "e3 a5 Qh5 Ra6 Qxa5 h5 h4 Rah6 Qxc7 f6 Qxd7+"
"""The beginning of the shortest game that ends in stalemate."""


def play(moves: str, fen: str = START):
    """The state after moves in SAN or UCI."""
    state = GAME.from_fen(fen)
    for text in moves.split():
        action = GAME.parse_move(state, text)
        assert state.legal_action_mask[action] and not state.terminated, text
        state = STEP(state, jnp.int32(action))
    return state


def legal(state) -> set[str]:
    """The legal moves as UCI writes them."""
    return {GAME.move_to_string(state, int(a)) for a in np.flatnonzero(state.legal_action_mask)}


def test_init_is_the_usual_position():
    state, read = jax.jit(GAME.init)(jax.random.key(0)), GAME.from_fen(START)
    for ours, theirs in zip(jax.tree.leaves(state), jax.tree.leaves(read), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert state.legal_action_mask.sum() == 20 and GAME.to_fen(state) == START


@pytest.mark.parametrize(
    ("moves", "rewards", "status"),
    [
        ("f3 e5 g4 Qh4#", [-1, 1], "black wins by checkmate"),
        ("e4 e5 Bc4 Nc6 Qh5 Nf6 Qxf7#", [1, -1], "white wins by checkmate"),
        (f"{LOYD} Kf7 Qxb7 Qd3 Qxb8 Qh7 Qxc8 Kg6 Qe6", [0, 0], "draw by stalemate"),
        ("Nf3 Nf6 Ng1 Ng8 Nf3 Nf6 Ng1 Ng8", [0, 0], "draw by repetition"),
    ],
)
def test_ends(moves: str, rewards: list[int], status: str):
    before, state = play(moves.rsplit(" ", 1)[0]), play(moves)
    assert not before.terminated and before.rewards.tolist() == [0, 0]
    assert state.terminated and state.legal_action_mask.all() and state.rewards.tolist() == rewards
    assert GAME.render(state).endswith(status)


def test_a_position_repeats_with_its_moves():
    """A pawn that may be taken in passing, or a right to castle, makes another position of it."""
    knights, rooks = " Nf6 Nf3 Ng8 Ng1", " Rb1 Rb8 Ra1 Ra8"
    assert play("e4" + 2 * knights).terminated, "after e4 nothing could be taken in passing"
    passing = "rnbqkbnr/ppp1pppp/8/8/3p4/8/PPPPPPPP/RNBQKBNR w KQkq - 0 3"
    assert not play("e4" + 2 * knights, passing).terminated
    assert play("e4" + 2 * knights + " Nf6", passing).terminated
    castling = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1"
    assert not play(2 * rooks + " Rb1", castling).terminated
    assert play(2 * rooks + " Rb1 Rb8", castling).terminated


def test_fifty_moves():
    fen = "7k/8/5K2/8/8/8/8/R7 w - - 98 80"
    assert not play("Ra2", fen).terminated
    state = play("Ra2 Kh7", fen)
    assert state.terminated and state.rewards.tolist() == [0, 0]
    assert GAME.render(state).endswith("draw by fifty moves")
    assert play("Ra2 Kg8 Ra8", fen.replace("98", "97")).terminated
    mate = play("Rh1", "7k/5K2/8/8/8/8/8/R7 w - - 99 80")
    assert mate.terminated and mate.rewards.tolist() == [1, -1], "mate comes before the count"
    assert not play("axb3 Kg8", "7k/8/5K2/8/8/1p6/P7/8 w - - 99 80").terminated, "a capture starts anew"


@pytest.mark.parametrize(
    ("pieces", "drawn"),
    [
        ("4k3/8/8/8/8/8/8/4K3", True),
        ("4k3/8/8/8/8/8/8/4K1N1", True),
        ("4kb2/8/8/8/8/8/8/4K3", True),
        ("4kb2/8/8/8/8/8/8/2B1K3", True),  # both on dark squares
        ("4kb2/8/8/8/8/8/8/4KB2", False),
        ("4k3/8/8/8/8/8/8/1N2K1N1", False),
        ("4kn2/8/8/8/8/8/8/4K1N1", False),
        ("4k3/8/8/8/8/8/P7/4K3", False),
        ("4k3/8/8/8/8/8/8/R3K3", False),
        ("4k3/8/8/8/8/8/8/Q3K3", False),
    ],
)
def test_material_that_cannot_mate(pieces: str, drawn: bool):
    state = GAME.from_fen(f"{pieces} w - - 0 1")
    assert state.terminated == drawn
    assert GAME.render(state).endswith("draw: neither side can mate") == drawn


def test_castling():
    rooks = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1"
    assert {"e1g1", "e1c1"} <= legal(GAME.from_fen(rooks))
    state = play("O-O O-O-O", rooks)
    assert GAME.to_fen(state) == "2kr3r/8/8/8/8/8/8/R4RK1 w - - 2 2"
    for fen, allowed in {
        "r3k2r/8/8/8/8/8/8/R3K2R w Qkq - 0 1": {"e1c1"},  # no right
        "4k3/8/8/8/8/8/8/RN2K1NR w KQ - 0 1": set(),  # not empty
        "4k3/8/8/8/4r3/8/8/R3K2R w KQ - 0 1": set(),  # out of check
        "4k3/8/8/8/5r2/8/8/R3K2R w KQ - 0 1": {"e1c1"},  # through check
        "4k3/8/8/8/6r1/8/8/R3K2R w KQ - 0 1": {"e1c1"},  # into check
        "4k3/8/8/8/1r6/8/8/R3K2R w KQ - 0 1": {"e1g1", "e1c1"},  # only the rook is attacked
    }.items():
        assert legal(GAME.from_fen(fen)) & {"e1g1", "e1c1"} == allowed, fen
    assert " b kq" in GAME.to_fen(play("Ke2", rooks)) and " b Kkq" in GAME.to_fen(play("Rb1", rooks))
    assert GAME.to_fen(play("Rxa8", rooks)).split()[2] == "Kk", "a rook that is taken, too"


def test_in_passing():
    state = play("e4 a6 e5 d5")
    assert "e5d6" in legal(state) and GAME.to_fen(state).split()[3] == "d6"
    assert GAME.to_fen(play("exd6", GAME.to_fen(state))).startswith("rnbqkbnr/1pp1pppp/p2P4/8/8/")
    assert "e5d6" not in legal(play("e4 a6 e5 d5 a3 a5"))
    exposed, saved = "8/8/8/K1pP3r/8/8/8/4k3 w - c6 0 2", "8/8/8/2pP4/1K6/8/8/4k3 w - c6 0 2"
    assert "d5c6" not in legal(GAME.from_fen(exposed)), "both pawns would leave the rank of king and rook"
    assert "d5c6" in legal(GAME.from_fen(saved)), "the pawn that checks is taken"


def test_promotion():
    state = GAME.from_fen("1n5k/P7/8/8/8/8/8/7K w - - 0 1")
    names = {f"a7{to}{piece}" for to in ("a8", "b8") for piece in "qrbn"}
    assert names <= legal(state)
    for name in names:
        after = play(name, "1n5k/P7/8/8/8/8/8/7K w - - 0 1")
        row = GAME.to_fen(after).split("/")[0]
        assert row == {"a8": "{}n5k", "b8": "1{}5k"}[name[2:4]].format(name[4].upper())
    assert "a2b1n" in legal(GAME.from_fen("7K/8/8/8/8/8/p7/1N5k b - - 0 1"))


@pytest.mark.parametrize(
    "fen",
    [
        START,
        "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
        "8/8/8/8/k2Pp2Q/8/8/3K4 b - - 7 31",
        "rnbqkbnr/ppp1p1pp/8/3pPp2/8/8/PPPP1PPP/RNBQKBNR w KQkq f6 0 3",
        "rnbqkbnr/pppp1ppp/8/8/3Pp3/8/PPP1PPPP/RNBQKBNR b Kq d3 0 3",
    ],
)
def test_fen(fen: str):
    assert GAME.to_fen(GAME.from_fen(fen)) == fen


def test_fen_tells_only_what_can_be_taken_in_passing():
    """The fourth field may name a pawn that none can take; both rooks' rights go with the king's."""
    assert GAME.to_fen(GAME.from_fen("4k3/8/8/8/4P3/8/8/4K3 b - e3 0 1")).split()[3] == "-"
    assert GAME.to_fen(GAME.from_fen("4k3/8/8/8/4P3/8/8/4K3 b")) == "4k3/8/8/8/4P3/8/8/4K3 b - - 0 1"


@pytest.mark.parametrize(
    ("fen", "allowed"),
    [
        ("", "six fields"),
        ("4k3/8/8/8/8/8/8/4K3 x - - 0 1", "six fields"),
        ("4k3/8/8/8/8/8/8/4K3 w QK - 0 1", "six fields"),
        ("4k3/8/8/8/8/8/8/4K3 w - e4 0 1", "a square on rank 6"),
        ("4k3/8/8/8/8/8/4K3 w - - 0 1", "eight rows"),
        ("4k4/8/8/8/8/8/8/4K3 w - - 0 1", "eight rows"),
        ("4k3/8/8/8/8/8/8/8 w - - 0 1", "one king"),
        ("4k2P/8/8/8/8/8/8/4K3 w - - 0 1", "no pawn on the first"),
        ("4k3/8/8/8/8/8/8/R3K3 w K - 0 1", "with king and rook at home"),
        ("4k3/8/8/8/8/8/8/4K3 w - e6 0 1", "a pawn has just passed"),
        ("4k3/8/8/8/8/8/4R3/4K3 w - - 0 1", "in check is at most who moves next"),
    ],
)
def test_what_is_no_position_is_refused(fen: str, allowed: str):
    with pytest.raises(UserError, match=f"is not a position; allowed: .*{allowed}"):
        GAME.from_fen(fen)


@pytest.mark.parametrize(
    ("fen", "uci", "san"),
    [
        (START, "e2e4", "e4"),
        (START, "g1f3", "Nf3"),
        ("4k3/8/8/8/8/8/8/R3K2R w KQ - 0 1", "e1g1", "O-O"),
        ("4k3/8/8/8/8/8/8/R3K2R w KQ - 0 1", "e1c1", "O-O-O"),
        ("4k3/8/8/8/8/8/8/R3K2R w - - 0 1", "a1b1", "Rb1"),
        ("6k1/8/8/8/8/8/1K6/R6R w - - 0 1", "a1d1", "Rad1"),
        ("7k/R7/8/8/8/8/1K6/R7 w - - 0 1", "a1a3", "R1a3"),
        ("7k/8/8/Q1Q5/8/Q7/8/K7 w - - 0 1", "a5b4", "Qa5b4"),
        ("7k/8/8/8/8/3p4/1N3N2/K7 w - - 0 1", "b2d3", "Nbxd3"),
        ("3n3k/2P5/8/8/8/8/8/K7 w - - 0 1", "c7d8q", "cxd8=Q+"),
        ("3n3k/2P5/8/8/8/8/8/K7 w - - 0 1", "c7d8n", "cxd8=N"),
        ("7k/8/6K1/8/8/8/8/R7 w - - 0 1", "a1a8", "Ra8#"),
        ("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2", "e5d6", "exd6"),
        ("4k3/4p3/8/8/8/8/8/4K3 b - - 0 1", "e7e5", "e5"),
        ("4k3/8/8/8/8/8/p7/4K3 b - - 0 1", "a2a1r", "a1=R+"),
    ],
)
def test_names_of_moves(fen: str, uci: str, san: str):
    state = GAME.from_fen(fen)
    action = GAME.parse_move(state, uci)
    assert state.legal_action_mask[action]
    assert GAME.move_to_string(state, action) == uci and GAME.san(state, action) == san
    for text in (san, san.rstrip("+#"), f" {san}! ", san.replace("O", "0")):
        assert GAME.parse_move(state, text) == action


def test_names_without_a_state():
    """Those of white's moves, the 1,858 that exist; numbers of what leaves the board."""
    names = [GAME.action_to_string(action) for action in range(GAME.num_actions)]
    assert len(set(names)) == GAME.num_actions and sum(not name.isdigit() for name in names) == 1858
    assert [GAME.parse_action(name) for name in names] == list(range(GAME.num_actions))
    assert GAME.parse_action("a7a8q") == GAME.parse_action("a7a8")
    assert GAME.parse_action("a7a8n") == 73 * 6 + 6
    for text in ("e2", "e9e4", "Nf3", "e4e4", "e2e4n", "4672", ""):
        with pytest.raises(UserError, match=r"is not a move; allowed: squares such as e2e4 or a7a8n$"):
            GAME.parse_action(text)
    with pytest.raises(UserError, match="or Nf3"):
        GAME.parse_move(GAME.from_fen(START), "Nf6")


def test_observation():
    """The observer's own pieces below; the past in the planes behind; the other player sees it turned."""
    state = play("e4 c5")
    own, other = (np.asarray(GAME.observe(state, jnp.int32(player))) for player in (0, 1))
    np.testing.assert_array_equal(GAME.observe(state), own)
    assert own[4, 4, 0] == 1 and own[3, 2, 6] == 1 and own[6, 4, 14] == 0 and own[1, 2, 20] == 1
    np.testing.assert_array_equal(own[..., :12], other[::-1][..., [*range(6, 12), *range(6)]])
    assert (own[..., 112] == 0).all() and (other[..., 112] == 1).all()
    assert (own[..., 113] == 2 / 512).all() and (own[..., 114:118] == 1).all() and (own[..., 118] == 0).all()


def test_render():
    assert GAME.render(play("e4 e5 Bc4 Nc6 Qh5 Nf6 Qxf7+")).splitlines() == [
        "8 r . b q k b . r",
        "7 p p p p . Q p p",
        "6 . . n . . n . .",
        "5 . . . . p . . .",
        "4 . . B . P . . .",
        "3 . . . . . . . .",
        "2 P P P P . P P P",
        "1 R N B . K . N R",
        "  a b c d e f g h",
        "white wins by checkmate",
    ]
    assert GAME.render(play("e4 e5 Qh5 Nc6 Qxf7+")).endswith("black to move, in check")


def test_render_svg():
    """64 squares on the paper, 31 pieces, the two squares of the last move in colour."""
    picture = GAME.render_svg(play("e4 d5 exd5"))
    tags = [shape.tag.partition("}")[2] for shape in xml.etree.ElementTree.fromstring(picture)]
    assert tags.count("rect") == 65 and tags.count("g") == 31 and picture.count("#e8c84a") == 2
