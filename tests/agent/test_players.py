from pathlib import Path

import jax
import pytest
from saved_runs import save_run
from small_games import Nim

from jaxplay.arena import match
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.players import Spec, make_players, parse_player


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two runs of tic-tac-toe, one of a small Connect Four, and something else."""
    folder = tmp_path_factory.mktemp("players")
    save_run(folder / "runs" / "first", steps=(0, 5))
    save_run(folder / "runs" / "at@home:v2,new")
    options = (("rows", 4), ("columns", 4), ("k", 3))
    save_run(folder / "runs" / "drop", game="connect_four", game_options=options)
    (folder / "runs" / "empty").mkdir()
    return folder


@pytest.fixture(autouse=True)
def _inside(folder, monkeypatch):
    monkeypatch.chdir(folder)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("random", Spec("random", "random")),
        ("solver", Spec("solver", "solver")),
        ("mcts:100", Spec("mcts:100", "mcts", num_simulations=100)),
        ("scripted:defect", Spec("scripted:defect", "scripted", strategy="defect")),
        ("runs/first", Spec("runs/first", "run", Path("runs/first"))),
        ("runs/first@5", Spec("runs/first@5", "run", Path("runs/first"), 5)),
        ("runs/first:main", Spec("runs/first:main", "run", Path("runs/first"))),
        ("runs/first,sims=9", Spec("runs/first,sims=9", "run", Path("runs/first"), num_simulations=9)),
        (
            "runs/first@0:main,sims=7",
            Spec("runs/first@0:main,sims=7", "run", Path("runs/first"), 0, num_simulations=7),
        ),
        ("runs/at@home:v2,new", Spec("runs/at@home:v2,new", "run", Path("runs/at@home:v2,new"))),
    ],
)
def test_grammar(text, spec):
    assert parse_player(text) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hex", "'hex' is a game, not a player; a player of it is mcts:100 with --game hex"),
        ("hex,size=4", "is a game, not a player; a player of it is mcts:100 with --game hex,size=4"),
        ("pgx:go_9x9", "is a game, not a player"),
        ("randm", "no player 'randm'; did you mean 'random'?"),
        ("mtcs:100", "no player 'mtcs:100'; did you mean 'mcts:N'?"),
        ("minimax:", "minimax:N takes a whole number from 1, such as 'minimax:3'"),
        ("minmax:3", "no player 'minmax:3'; did you mean 'minimax:N'?"),
        ("greedi", "no player 'greedi'; did you mean 'greedy'?"),
        ("mcts", "mcts:N takes a whole number from 1, such as 'mcts:100'"),
        ("mcts:abc", "mcts:N takes a whole number from 1, such as 'mcts:100'"),
        ("mcts:0", "mcts:N takes a whole number from 1"),
        ("mcts:-4", "mcts:N takes a whole number from 1"),
        ("scripted", "no player 'scripted:'; allowed: alternate, cooperate, defect"),
        ("scripted:tit_for_tad", "no player 'scripted:tit_for_tad'; did you mean 'tit_for_tat'?"),
        ("scriptd:defect", "no player 'scriptd:defect'; did you mean 'scripted:NAME'?"),
        ("runs/first,sims=0", "sims=N takes a whole number from 1, such as 'sims=100'"),
        ("runs/first,sim=8", "'sim=8' in 'runs/first,sim=8' is not an option of a player"),
        ("runs/first,8", "did you mean 'sims=100'?"),
        ("runs/first@x", "@STEP takes a whole number from 0, such as '@2000'"),
        ("runs/fist", "no player 'runs/fist'; did you mean 'runs/first'?"),
        ("runs/fist@5:main,sims=4", "did you mean 'runs/first'?"),
        (
            "nowhere/first",
            "there is no run nowhere/first; allowed: random, mcts:N, minimax:N, greedy, pubeval",
        ),
        ("runs/empty", "runs/empty is not a run: it has no config.json"),
        ("", "'' is not a player"),
    ],
)
def test_mistyped(text, message):
    with pytest.raises(UserError) as error:
        parse_player(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_tells_the_game_and_its_options():
    game, (run, tree, chance) = make_players(["runs/drop", "mcts:4", "random"])
    assert game == make("connect_four", rows=4, columns=4, k=3)
    assert run.agent is not None and run.agent.num_simulations == 16
    assert tree.agent is not None and tree.agent.num_simulations == 4
    assert chance.agent is None
    assert [c.player.name for c in (run, tree, chance)] == ["runs/drop", "mcts:4", "random"]


def test_simulations_of_a_player_come_first():
    _, contenders = make_players(["runs/first", "runs/first,sims=3", "mcts:4"], num_simulations=5)
    assert [c.agent.num_simulations for c in contenders if c.agent] == [5, 3, 4]


def test_steps_are_other_players_with_the_same_program():
    _, (new, old) = make_players(["runs/first", "runs/first@0"])
    assert new.single().act is old.single().act
    assert new.single().params is not old.single().params


@pytest.mark.parametrize(
    ("texts", "game", "message"),
    [
        (["random", "mcts:4"], None, "say which with --game"),
        (["runs/first", "runs/drop"], None, "runs/first plays TicTacToe(), runs/drop plays ConnectFour("),
        (["runs/first"], "connect_four", "plays tic_tac_toe, not connect_four"),
        (["runs/first:pal"], None, "has no player 'pal'"),
        (["runs/first@2"], None, "has no step 2"),
        (["scripted:defect"], "tic_tac_toe", "scripted:defect plays matrix_game alone, not TicTacToe()"),
        (["scripted:defect"], "matrix_game", "strategies need a table in which to cooperate"),
        (["random"], "tic_tac_to", "did you mean 'tic_tac_toe'?"),
    ],
)
def test_players_that_do_not_meet(texts, game, message):
    with pytest.raises(UserError) as error:
        make_players(texts, game)
    assert message in str(error.value)


def test_the_solver_knows_and_shows_what_wins():
    game, (solver, chance) = make_players(["solver", "random"], Nim((1, 2, 2)))
    result = match(game, [solver.player, chance.player], num_games=40, key=jax.random.key(0))
    assert result.wins[0] == 20
    assert solver.agent is not None
    state = game.init(jax.random.key(0))
    assert solver.agent.predict(state).value == 1
    assert (solver.agent.predict(state).logits == 0).sum() == 1  # only leaving two equal piles wins
