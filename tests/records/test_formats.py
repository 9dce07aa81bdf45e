"""Files of records: what is written is read again, and what others write is read."""

import dataclasses
import random
import re
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.records import Ply, load, record_of, replay, save
from jaxplay.records._clocks import read_clock, write_clock
from jaxplay.records.json_form import read as read_json
from jaxplay.records.san import read_san
from jaxplay.records.scribe import begin, read_move
from jaxplay.rollout.host import HostEpisode

DATA = Path(__file__).parent.parent / "data" / "records"
CHESS = make("chess")
GAMES = {
    "go": (make("go", size=5, komi=0.5), "sgf"),
    "hex": (make("hex", size=4), "sgf"),
    "hex_without_swap": (make("hex", size=4, swap=False), "sgf"),
    "othello": (make("othello", size=4), "sgf"),
    "gomoku": (make("gomoku", rows=4, columns=5, k=3, overlines=False), "sgf"),
    "chess": (CHESS, "pgn"),
    "kuhn_poker": (make("kuhn_poker"), "json"),
    "tic_tac_toe": (make("tic_tac_toe"), "json"),
}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda t: " ".join(t.split()))
SAID = st.fixed_dictionaries(
    {},
    optional={
        "comment": TEXT.map(lambda text: text.replace("{", "(").replace("}", ")")),
        "loss": st.sampled_from([0.0, 0.25, 1.5]),
        "clock": st.sampled_from([0.0, 3661.5, 59.25]),
        "marks": st.sampled_from([(), (1,), (4,)]),
    },
)


def random_game(game, seed: int, most: int = 30) -> HostEpisode:
    """A game of random moves, chance included."""
    episode, chooser = HostEpisode(game, jax.random.key(seed)), random.Random(seed)
    while not episode.over and episode.num_moves < most:
        episode.play(chooser.choice(episode.legal()))
    return episode


@pytest.fixture(scope="module")
def episodes() -> dict[str, HostEpisode]:
    return {name: random_game(game, 3) for name, (game, _) in GAMES.items()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("name", GAMES)
def test_what_is_written_is_read(name: str, episodes, tmp_path: Path, data: st.DataObject):
    """Moves, names of players, remarks, variations and endings; JSON holds everything, so it is tried too."""
    whole, (game, form) = episodes[name], GAMES[name]
    episode = whole.before(data.draw(st.integers(0, min(len(whole.events), 12))))
    players = data.draw(st.one_of(st.just(()), st.tuples(*[TEXT.filter(bool)] * game.num_players)))
    record = record_of(episode, tuple(map(str.strip, players)), tags={"date": "2026-11-30"})
    plies = [ply._replace(**data.draw(SAID)) for ply in record.plies]
    if len(plies) > 1 and not game.num_chance_outcomes:
        at = data.draw(st.integers(0, len(plies) - 1))
        legal = episode.before(at).legal()
        other = data.draw(st.sampled_from(legal))
        line = (Ply(other, game.move_to_string(episode.states[at], other)),)
        plies[at] = plies[at]._replace(variations=(line, line))
    over: Any = {} if record.ending else {"ending": "resigned", "returns": (-1.0, 1.0)}
    record = dataclasses.replace(record, plies=tuple(plies), **over)
    for suffix in {form, "json"}:
        file = tmp_path / f"game.{suffix}"
        save(file, [record, record])
        assert load(file) == [record, record]


def test_a_match_of_backgammon_is_read_as_it_was_played(tmp_path: Path):
    game = make("backgammon")
    records = [record_of(random_game(game, seed, 2000), ("a", "b")) for seed in (1, 2)]
    save(tmp_path / "match.mat", records)
    for record, found in zip(records, load(tmp_path / "match.mat"), strict=True):
        assert found.players == ("a", "b") and (found.returns, found.ending) == (record.returns, "rules")
        assert len(found.plies) == len(record.plies)
        boards = [[state.board for state in replay(r).states] for r in (record, found)]
        np.testing.assert_array_equal(boards[0][-1], boards[1][-1])


@pytest.mark.parametrize("seed", [5, 6])
def test_san_both_ways(seed: int):
    """Each legal move of each position of a random game has a name in SAN that leads back to it."""
    episode = random_game(CHESS, seed, 24)
    for number in range(0, len(episode.events), 4):
        here = episode.before(number)
        for action in here.legal():
            assert read_san(here, CHESS.san(here.state, action)) == action  # pyright: ignore
            assert read_san(here, CHESS.move_to_string(here.state, action)) == action


def test_files_of_the_world_pgn():
    first, endgame, lenient = load(DATA / "annotated.pgn")
    assert first.players == ("Muster, Max", "M\\K") and first.returns == (1.0, -1.0) and first.ending is None
    assert first.tags["event"] == 'Casual "blitz" game' and first.tags["date"] == "2026-11-30"
    assert first.comment == "Before the first move."
    assert first.plies[0].clock == 300.0 and first.plies[0].values == pytest.approx((0.033, -0.033), abs=1e-3)
    assert first.plies[9].marks == (6,) and [len(line) for line in first.plies[9].variations] == [5, 2]
    nested = first.plies[9].variations[0][1].variations
    assert [ply.name for ply in nested[0]] == ["d2d3", "h7h6"] and nested[0][1].comment == "good for both"
    assert first.plies[14].comment == "[%csl Gd5] keeps the pin"
    assert endgame.start == "4k3/P7/8/8/8/8/8/4K2R w K - 0 40" and endgame.returns == (0.0, 0.0)
    assert [ply.name for ply in endgame.plies[:3]] == ["a7a8q", "e8d7", "e1g1"]
    assert endgame.plies[6].comment == "goes on: -- Kg5"
    assert [ply.name for ply in lenient.plies[2:4]] == ["g1f3", "b8c6"] and lenient.returns is None


def test_a_game_that_went_on_after_a_draw_keeps_its_moves(tmp_path: Path):
    knights = "Nf3 Nf6 Ng1 Ng8 " * 2
    (tmp_path / "drawn.pgn").write_text(f"{knights} e4 e5 1-0")
    (record,) = load(tmp_path / "drawn.pgn")
    assert len(record.plies) == 8 and record.plies[-1].comment == "goes on: e4 e5"
    assert record.returns == (1.0, -1.0) and record.ending is None


def test_files_of_the_world_sgf():
    handicap, plain = load(DATA / "handicap.sgf")
    assert handicap.players == ("Ada [3k]", 'Lovelace: "Countess"') and handicap.setup == 3
    assert [ply.name for ply in handicap.plies[:5]] == ["G7", "pass", "C3", "E5", "G3"]
    assert (handicap.returns, handicap.ending) == ((-1.0, 1.0), "resigned")
    assert handicap.game == make("go", size=9, komi=0.5)
    assert handicap.plies[3].comment == "Tengen: the middle \\ of it." and handicap.plies[3].clock == 598.25
    other, following = handicap.plies[5].variations[0]
    assert (other.name, other.comment, following.name) == ("F3", "Another plan.", "F4")
    assert handicap.plies[7].marks == (4,) and len(handicap.plies[7].variations[0][2].variations) == 1
    assert plain.game == make("go", size=9, komi=6.5) and [ply.name for ply in plain.plies] == ["A9", "B8"]


def test_the_first_colour_of_hex_is_player_0_and_swaps_are_read():
    for name in ("hex", "little_golem"):
        (record,) = load(DATA / f"{name}.sgf")
        assert [ply.name for ply in record.plies] == ["b4", "swap", "c3", "c2"]
        assert (record.returns, record.ending) == ((-1.0, 1.0), "resigned")
    assert record.players == ("first", "second")


def test_swapped_sides_mirror_the_rest_of_a_game_of_hex(tmp_path: Path):
    (tmp_path / "h.sgf").write_text("(;GM[11]SZ[5];B[b4];W[swap-sides];B[a2];W[e1])")
    (record,) = load(tmp_path / "h.sgf")
    assert [ply.name for ply in record.plies] == ["b4", "swap", "b1", "a5"]


def test_passes_of_othello_need_not_be_written(tmp_path: Path):
    game = make("othello", size=4)
    episode = next(e for seed in range(50) if "pass" in (e := random_game(game, seed)).names())
    save(tmp_path / "o.sgf", [record_of(episode)])
    text = (tmp_path / "o.sgf").read_text()
    (tmp_path / "o.sgf").write_text(text.replace("\n;W[]", "").replace("\n;B[]", ""))
    assert load(tmp_path / "o.sgf")[0].actions == episode.history


def test_a_match_that_gnu_backgammon_wrote():
    dropped, broken_off = load(DATA / "match.mat")
    assert dropped.players == ("root", "gnubg") and dropped.tags["match_length"] == "3"
    assert dropped.plies[0].name == "(2-1)" and dropped.plies[1].name == "13/11"
    assert (dropped.returns, dropped.ending) == ((-1.0, 1.0), "resigned")
    assert dropped.plies[-1].comment == "Doubles => 2 Drops"
    assert broken_off.players == ("gnubg", "root") and broken_off.tags["score"] == "0:1"
    assert broken_off.plies[-1].name == "(3-3)" and broken_off.returns is None


def test_chance_is_named_in_brackets():
    episode = begin(make("kuhn_poker"))
    names = []
    for text in ("(K)", "(Q)"):
        episode.follow(read_move(episode, text))
        names += episode.names(1)
    assert names == ["(K)", "(Q)"]
    with pytest.raises(UserError, match=r"'\(K\)' is not"):
        read_move(begin(make("backgammon")), "(K)")


def test_clocks():
    for seconds in (0.0, 59.999, 3600.0, 86399.5):
        assert read_clock(write_clock(seconds)) == pytest.approx(seconds, abs=1e-6)
    assert read_clock("1:2:3:4") is None and read_clock("0:90") == 90.0


def test_positions_of_chess(tmp_path: Path):
    lines = ["4k3/P7/8/8/8/8/8/4K2R w K - 0 40", "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"]
    (tmp_path / "two.fen").write_text("# two positions\n" + "\n\n".join(lines) + "\n")
    records = load(tmp_path / "two.fen")
    save(tmp_path / "again.fen", records)
    assert (tmp_path / "again.fen").read_text().splitlines() == lines
    save(tmp_path / "two.pgn", records)
    assert load(tmp_path / "two.pgn")[0].start == lines[0]


def test_the_example_of_the_documentation():
    page = (DATA.parent.parent.parent / "docs" / "records.md").read_text()
    (record,) = read_json(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    assert record.game == make("go", size=9, komi=5.5) and replay(record).over
    assert record.plies[1].best == "G5" and record.plies[1].variations[0][1].name == "C5"


def test_matches_with_other_programs_are_kept():
    """The games in the documentation replay to their results."""
    folder = DATA.parent.parent.parent / "docs" / "games-played"
    games = [record for path in sorted(folder.iterdir()) for record in load(path)]
    assert len(games) >= 6
    for record in games:
        episode = replay(record)
        assert record.ending == "rules" and record.returns == tuple(episode.returns)
