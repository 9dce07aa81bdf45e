import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_games import Nim, Race, nim_act, random_act

from jaxplay.arena import Player, match
from jaxplay.arena.host import HostPlayer, on_host, play_match
from jaxplay.benchmarks.open_spiel_peer import mcts_bot
from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve import oracle, solve, solver_act

KEY = jax.random.key(5)
GAME = Nim((1, 2, 2))
PERFECT = on_host(Player("perfect", nim_act))
RANDOM = on_host(Player("random", random_act))


def test_perfect_nim():
    result = play_match(GAME, [PERFECT, RANDOM], num_games=20, key=KEY)
    assert result.wins[0] == 10 and result.first == "perfect"
    mirror = play_match(GAME, [PERFECT, PERFECT], num_games=4, key=KEY)
    assert mirror.wins == (2, 0) and mirror.losses == (0, 2)


def test_a_pair_has_one_opening_one_luck_and_histories_that_replay():
    game, seen = Race(length=5), []

    def act(state, history, key):
        replayed = game.init(KEY)
        for action in history:
            replayed = game.step(replayed, jnp.int32(action))
        np.testing.assert_array_equal(replayed.scores, state.scores)
        seen.append((*history, int(state.current_player)))
        return 1

    roll = HostPlayer("roll", act)
    result = play_match(game, [roll, roll], num_games=8, key=KEY, opening_plies=2)
    assert result.mean_plies == 5 and result.truncated == 0
    assert result.mean_return == pytest.approx(0)  # each pair is one game seen from both seats
    assert len({history[:4] for history in seen}) > 2


def test_illegal_actions_are_refused():
    for action in (1, 99, -1):
        with pytest.raises(UserError, match=f"'bad' chose the illegal action {action}"):
            play_match(GAME, [HostPlayer("bad", lambda *_, a=action: a), RANDOM], num_games=2, key=KEY)


def test_it_has_the_openings_and_the_chance_of_the_arena():
    """And the seats: the same games, move by move, of players that always do the same."""
    for game, act in ((Race(length=5), lambda p, k, s: 1 - s.current_player % 2), (Nim((3, 4, 5)), nim_act)):
        players = Player("a", act), Player("b", act)
        settings = {"num_games": 6, "key": KEY, "opening_plies": 2}
        compiled, hosted = (
            match(game, players, **settings),
            play_match(game, [*map(on_host, players)], **settings),
        )
        np.testing.assert_array_equal(compiled.returns, hosted.returns)
        np.testing.assert_array_equal(compiled.plies, hosted.plies)
        np.testing.assert_array_equal(compiled.seats, hosted.seats)


def test_three_players_on_the_host():
    game = make("kuhn_poker", players=3)
    bold = HostPlayer("bold", lambda state, history, key: 1)
    meek = HostPlayer("meek", lambda state, history, key: 0)
    result = play_match(game, [bold, meek, meek], num_games=6, key=KEY)
    assert result.mean_returns.tolist() == [2, -1, -1]


def test_openings_do_not_end_the_game():
    assert play_match(Nim((1,)), [RANDOM, RANDOM], num_games=2, key=KEY, opening_plies=3).mean_plies == 1


@pytest.fixture(scope="module")
def exact():
    return on_host(Player("solver", solver_act, oracle(solve(TicTacToe()))))


def test_open_spiel_search_draws_exact_play_and_beats_random_play(exact):
    pytest.importorskip("pyspiel")
    bot = mcts_bot("tic_tac_toe", 1000)
    assert play_match(TicTacToe(), [exact, bot], num_games=6, key=KEY).draws == (3, 3)
    result = play_match(TicTacToe(), [bot, RANDOM], num_games=10, key=KEY)
    assert result.losses == (0, 0) and result.score > 0.7


def test_actions_are_translated_both_ways(exact):
    pytest.importorskip("pyspiel")
    turned = mcts_bot("tic_tac_toe", 1000, to_open_spiel=lambda action: 8 - action)
    result = play_match(TicTacToe(), [turned, exact], num_games=6, key=KEY, opening_plies=1)
    assert result.draws == (3, 3)
