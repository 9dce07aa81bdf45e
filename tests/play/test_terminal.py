import io
import re
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import pytest
from small_games import Nim, Race, SidedNim

from jaxplay.agent import Agent, Programs
from jaxplay.arena import GivenUpError, HostPlayer, random_player
from jaxplay.cli.main import main
from jaxplay.errors import UserError
from jaxplay.evaluator import Prediction, uniform
from jaxplay.game import GameDefaults, make
from jaxplay.play.colours import BOLD, PLAYERS, RESET, REVERSED, paint
from jaxplay.play.explain import expected, meaning
from jaxplay.play.levels import Level
from jaxplay.play.terminal import COMMANDS, Table, parse_move, play
from jaxplay.play.weakened import weakened_move
from jaxplay.players import Contender, mcts_programs
from jaxplay.records import load
from jaxplay.rollout.host import HostEpisode
from jaxplay.search import puct

KEY = jax.random.key(2)
GAME = make("tic_tac_toe")
EVALUATE = uniform(GAME)
AGENT = Agent("tree", GAME, None, Programs(GAME, EVALUATE, partial(puct, GAME, EVALUATE)), 64)
TREE, RANDOM = Contender(AGENT.player(), AGENT), Contender(random_player())


def scripted(script, game=GAME, humans=(0,), contender=RANDOM, seconds=0.0, picture=None):
    """The text that a game leaves on the screen."""
    written = []
    table = Table(HostEpisode(game, KEY), frozenset(humans), contender, KEY, seconds, picture)
    play(table, iter(script.split("\n")), written.append)
    return "\n".join(written)


@dataclass(frozen=True)
class Undrawn(Nim):
    """Has many fields, and a drawing for browsers alone."""

    def render(self, state, player=None):
        return "\n".join(f"field {i}" for i in range(50))

    def render_svg(self, state, player=None):
        return f"<svg>{state.piles}</svg>"


def test_what_no_terminal_can_show_is_drawn_in_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(GameDefaults, "render", Undrawn.render)
    game, file = Undrawn((1, 2)), tmp_path / "game.svg"
    with pytest.raises(UserError, match=r"no drawing in text: --picture FILE\.svg"):
        scripted("quit", game)
    text = scripted("0\nquit", game, (0, 1), picture=file)
    assert text.count(f"drawn in {file}") == 2 and "field" not in text
    assert file.read_text() == "<svg>[0 2]</svg>"
    with pytest.raises(UserError, match=r"cannot write .*No such file"):
        scripted("quit", game, picture=tmp_path / "no" / "game.svg")


def test_both_seats_to_a_win():
    text = scripted("a3\nb3\na2\nb2\na1", humans=(0, 1))
    assert "3 X O .\n2 X O .\n1 X . .\n  a b c\nX wins" in text
    assert text.endswith("you (player 1) win\nmoves: a3 b3 a2 b2 a1")


def test_a_draw():
    text = scripted("a3\nb3\nc3\nb2\na2\nc2\nb1\na1\nc1", humans=(0, 1))
    assert "\na draw\n" in text


def test_the_contender_answers_and_takes_a_win():
    text = scripted("b3\na2\nc3", humans=(1,), contender=TREE)
    assert text.count("tree (player 1) plays ") >= 3
    assert "tree (player 1) wins" in text


def test_the_contender_thinks_by_the_clock():
    """It says how many simulations it made, more than its own 64 or until it is sure; so does a hint."""
    text = scripted("hint\nquit", humans=(1,), contender=TREE, seconds=0.3)
    (made,) = re.findall(r"tree \(player 1\) plays \w\d after ([\d,]+) simulations", text)
    (hinted,) = re.findall(r"tree, (\d+) simulations: ", text)
    assert int(made.replace(",", "")) > 64 and int(hinted) > 64


def test_watching():
    text = scripted("", humans=())
    assert text.count("random (player") >= 5
    assert "moves: " in text


def test_bad_moves_are_named_and_the_game_goes_on():
    text = scripted("z9\na3\na3\nhnt\n\na2", humans=(0, 1))
    assert "'z9' is not an action; allowed: a column a to c" in text
    assert "'a3' is not legal here; legal: b3, c3, a2, b2, c2, a1, b1, c1" in text
    assert "'hnt' is not a move; did you mean 'hint'?" in text
    assert text.endswith("moves: a3 a2")


def test_both_colours_write_chess_moves_as_players_do():
    text = scripted("e4\nmoves\nNe4\ne7e4\nNc6\nundo\nc7c5", make("chess"), humans=(0, 1))
    black = text[: text.index("is not a move")].splitlines()[-2].split()
    assert len(black) == 20 and {"e7e5", "g8f6", "b8c6"} < set(black)
    assert "'Ne4' is not a move; allowed: squares such as e2e4 or a7a8n, or Nf3" in text
    assert "'e7e4' is not legal here; legal: " in text
    assert text.endswith("moves: e2e4 c7c5")


def test_a_hint_and_the_contender_name_moves_of_their_player():
    game = SidedNim((1, 2))
    programs = Programs(game, uniform(game), partial(puct, game, uniform(game)))
    agent = Agent("tree", game, None, programs, 16)
    text = scripted("a0\nquit", game, contender=Contender(agent.player(), agent))
    assert "tree (player 2) plays b" in text
    hint = scripted("0\na0\nhint\nb0\nmoves", game, (0, 1), Contender(agent.player(), agent)).splitlines()
    assert any(line.startswith("'0' is not an action; ") for line in hint)
    at = next(i for i, line in enumerate(hint) if "visits" in line)
    assert hint[at + 1].split()[0] == "b3"


def test_hint_shows_the_win_first():
    text = scripted("a3\na2\nb3\nb2\nhint", humans=(0, 1), contender=TREE)
    hint = text[text.index("tree, 64 simulations: ") :].splitlines()
    assert hint[1].split() == ["move", "visits", "value", "prior"]
    assert hint[2].split()[0] == "c3"
    assert hint[2].split()[2:] == ["+1.00", "20%"]
    assert hint[7].split()[:2] == ["expected:", "c3"] and len(hint) == 2 + 5 + 1 + 1


def test_eval_before_and_after_search():
    text = scripted("a3\na2\nb3\nb2\neval", humans=(0, 1), contender=TREE)
    assert "without search: +0.00 for the player to move\nafter 64 simulations: +0." in text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "win 50%, draw 30%, loss 20%"),
        ({"has_draws": False}, "win 65%, loss 35%"),
        ({"min_return": -2.0, "max_return": 2.0}, None),
        ({"zero_sum": False}, None),
    ],
)
def test_chances_are_told_of_what_can_happen(options, told):
    """Draws only where there are some, and nothing where more can be won than a game."""
    game = dataclass(frozen=True)(type("Varied", (Nim,), options))()
    logits = jnp.log(jnp.array([0.2, 0.3, 0.5]))
    assert expected(game, Prediction(jnp.zeros(9), jnp.float32(0.3), outcome=logits)) == told
    assert expected(game, Prediction(jnp.zeros(9), jnp.float32(0.3))) is None


def test_eval_says_what_the_value_of_a_playout_is():
    agent = Agent("mcts:4", GAME, None, mcts_programs(GAME), 4)
    text = scripted("eval\nquit", humans=(0,), contender=Contender(agent.player(), agent))
    assert re.search(
        r"after one random game: [+-][01]\.00 for the player to move\nafter 4 simulations: ", text
    )


def test_who_does_not_search_has_no_hint():
    assert "random plays without a search: it has no hint" in scripted("hint")


def test_undo_takes_back_both_moves():
    text = scripted("undo\nb2\nundo\nmoves\nquit")
    assert "you have no move to take back" in text
    assert "\na3 b3 c3 a2 b2 c2 a1 b1 c1\n" in text
    assert text.endswith("no moves")


def test_a_hint_says_what_its_value_means():
    text = scripted("a3\na2\nb3\nb2\nhint", humans=(0, 1), contender=TREE)
    assert re.search(
        r"tree, 64 simulations: \+0\.\d+ for the player to move \((good|winning) for you\)\n", text
    )
    assert [meaning(value) for value in (1.0, 0.5, 0.0, -0.5, -1.0)] == [
        *("winning", "good", "about even", "bad", "losing")
    ]


def test_what_people_type_is_explained():
    text = scripted("\n99\nfoo bar\nexit", humans=(0, 1))
    assert "type a move, such as a3, or help\n" in text
    assert "'99' is not an action; allowed: a column a to c" in text
    assert text.count("; `moves` lists the legal ones, `help` the commands") == 2
    assert text.endswith("no moves")


def test_resigning_ends_the_game():
    text = scripted("a3\nresign", humans=(0, 1))
    assert text.endswith("you (player 2) resign; you (player 1) win\nmoves: a3")
    text = scripted("resign\nquit", game=Race(players=1, length=4), humans=(0,))
    assert "resigning is for games that two players win or lose; quit leaves this one" in text


def test_a_game_is_saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = scripted(
        f"a3\nsave\nsave\nsave my game.html\nsave {tmp_path}/no/x.json\nsave {'a' * 300}.json\nsave a.txt",
        humans=(0, 1),
    )
    (saved,) = load("game.json")
    assert saved.players == ("you", "you") and saved.actions == (0,) and saved.ending is None
    assert {path.name for path in tmp_path.iterdir()} == {"game.json", "game-2.json", "my game.html"}
    assert text.count("there is no folder") == 1 == text.count("File name too long")
    assert "'a.txt' is no record; allowed: .json, " in text


def test_a_game_goes_on_from_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scripted("a3\nb3\nsave", humans=(0, 1))
    command = ["play", "random", "--game", "tic_tac_toe", "--seat", "all", "--from", "game.json"]
    monkeypatch.setattr("sys.stdin", io.StringIO("a2\nb2\nresign\n"))
    assert main([*command, "--save", "end.json"]) == 0
    assert "you (player 1) resign; you (player 2) win\nmoves: a3 b3 a2 b2\n" in capsys.readouterr().out
    (record,) = load("end.json")
    assert (record.returns, record.ending) == ((-1.0, 1.0), "resigned")
    assert main([*command[:-1], "end.json"]) == 2
    assert "the game of end.json is over" in capsys.readouterr().err


def test_a_program_outside_plays_and_resigns():
    def act(state, history, key):
        if len(history) > 2:
            raise GivenUpError
        return int(jnp.argmax(state.legal_action_mask))

    text = scripted("c1\nb1", humans=(1,), contender=Contender(HostPlayer("outside", act)))
    assert "outside (player 1) plays a3" in text and "outside (player 1) resigns; you (player 2) win" in text


def test_colours_mark_stones_and_the_last_move():
    before, now = "3 . O .\n  a b c\nX to move", "3 X O .\n  a b c\nO to move"
    lines = paint(now, before).splitlines()
    assert lines[0] == f"3 {BOLD}{PLAYERS['X']}{REVERSED}X{RESET} {BOLD}{PLAYERS['O']}O{RESET} ."
    assert lines[1] == "  a b c" and REVERSED not in lines[2] and REVERSED not in paint(now, "another\n\n")
    table = Table(HostEpisode(GAME, KEY), frozenset({0, 1}), RANDOM, KEY, colours=True)
    written = []
    play(table, iter(["a3"]), written.append)
    assert REVERSED in "".join(written)


def test_levels_weaken_an_agent(monkeypatch, capsys):
    """Who is told to blunder does not take the win that it sees."""
    state = HostEpisode(GAME, KEY)
    for name in ("a3", "a2", "b3", "b2"):
        state.play(GAME.parse_action(name))
    moves = {
        weakened_move(AGENT, Level("wild", 1.0, 0.0, 1.0), state.state, jax.random.key(i)) for i in range(12)
    }
    assert len(moves) > 2 and weakened_move(AGENT, Level("sure", 1.0, 0.0, 0.0), state.state, KEY) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("b2\nquit\n"))
    command = ["play", "random", "--game", "tic_tac_toe", "--level"]
    assert main([*command, "beginner"]) == 2 and main([*command, "expert"]) == 2
    told = capsys.readouterr().err
    assert "--level is for agents" in told and "no level 'expert'" in told


def test_help_names_every_command():
    text = scripted("help")
    assert "moves are written as a column a to c and a row 1 to 3, such as b2" in text
    assert all(f"\n{command}" in text for command in COMMANDS if command != "help")


def test_one_player_and_chance():
    text = scripted("\n".join("1111"), game=Race(players=1, length=4), humans=(0,))
    assert text.count("chance: (+") == 4
    assert "returns: you (player 1) " in text


def test_returns_of_a_game_with_chance_for_two():
    text = scripted("0\n0", game=Race(players=2, length=2), humans=(0, 1))
    assert "a draw" in text


def test_a_move_of_another_position_is_not_legal():
    session = HostEpisode(Nim((1, 2)), KEY)
    assert parse_move(session, "2") == 2
    with pytest.raises(UserError, match="'1' is not legal here; legal: 0, 2, 3"):
        parse_move(session, "1")


def test_hidden_cards_and_moves_stay_hidden():
    """Leduc poker: neither the deal nor the other's bids are printed beside the drawing, until the end."""
    text = scripted("quit", game=make("leduc_poker"), humans=(1,))
    told = text.split("\nmoves: ")[0]
    assert "chance:" not in told and " plays " not in told
    assert "random (player 1) moves" in told
