"""Matrix games: payoffs against OpenSpiel, memory, teams, scripted opponents, and what is shown to whom."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from open_spiel_games import compare

from jaxplay.errors import UserError
from jaxplay.game import fresh, make, scalar_value, strip
from jaxplay.games.matrix_game import NAMED, ORDINAL, STRATEGIES, MatrixGame, scripted
from jaxplay.testing import replay

OPEN_SPIEL = {
    "rock_paper_scissors": "rps",
    "matching_pennies": "mp",
    "prisoners_dilemma": "pd",
    "stag_hunt": "sh",
    "chicken": "cd",
    "battle_of_the_sexes": "bos",
    "coordination": "coordination",
}
C, D = 0, 1


@pytest.mark.parametrize("table", OPEN_SPIEL)
def test_payoffs_and_names_are_openspiels(table: str):
    pyspiel = pytest.importorskip("pyspiel")
    theirs, ours = pyspiel.load_matrix_game(f"matrix_{OPEN_SPIEL[table]}"), MatrixGame(table)
    for a, b in np.ndindex(*ours.tensor.shape[:2]):
        assert ours.tensor[a, b].tolist() == [theirs.player_utility(i, a, b) for i in range(2)]
    names = [theirs.row_action_name(i).lower() for i in range(theirs.num_rows())]
    assert names == [ours.action_to_string(i) for i in range(ours.num_actions)]


def of_the_mover(state: Any, player: int) -> Any:
    """OpenSpiel's information state, without the line that the turn-based form adds on top."""
    told = state.information_state_string(player).partition("\n")[2]
    return told if state.current_player() == player else None


@pytest.mark.strict_dtypes
def test_openspiel_agrees_on_repeated_games():
    pyspiel = pytest.importorskip("pyspiel")
    repeated = "repeated_game(stage_game=matrix_rps(),num_repetitions=6,recall=6)"
    theirs = pyspiel.load_game(f"turn_based_simultaneous_game(game={repeated})")
    compare(MatrixGame(rounds=6), theirs, key=of_the_mover)


def test_a_table_of_ones_own():
    payoffs = [[[1, 2], [3, 4], [5, 6]], [[0, 0], [1, 1], [2, -2]]]
    game = make("matrix_game", payoffs=payoffs)
    assert (game.num_players, game.num_actions, game.min_return, game.max_return) == (2, 3, -2, 6)
    assert hash(game) == hash(make("matrix_game", payoffs=np.array(payoffs))) and game != MatrixGame()
    assert game.init(jax.random.key(0)).legal_action_mask.tolist() == [True, True, False]
    after = replay(game, 0, [0, 2])
    assert after.terminated and after.rewards.tolist() == [5, 6]
    assert not scalar_value(game) and scalar_value(MatrixGame("matching_pennies"))


@pytest.mark.parametrize(("choices", "gain"), [
    ([0, 0, 0, 0], 1),
    ([1, 1, 0, 0], -1),
    ([1, 0, 0, 0], -1),
    ([1, 1, 0, 1], 1),
    ([0, 1, 1, 0], 0),
])  # fmt: skip
def test_team_matching_pennies(choices: list[int], gain: int):
    game = MatrixGame("team_matching_pennies")
    assert game.teams == (0, 0, 1, 1) and game.zero_sum
    assert replay(game, 0, choices).rewards.tolist() == [gain, gain, -gain, -gain]


def test_choices_are_hidden_until_all_have_chosen():
    game = MatrixGame("prisoners_dilemma", rounds=3)
    trust, treason = replay(game, 0, [C, C, C]), replay(game, 0, [C, C, D])
    second = jnp.int32(1)
    assert (game.observe(trust, second) == game.observe(treason, second)).all()
    assert (game.observe(trust, jnp.int32(0)) != game.observe(treason, jnp.int32(0))).any()
    assert game.render(treason, 1) == (
        "A  cooperate  ?\nB  cooperate  -\nprisoners dilemma, round 2 of 3\nB to move"
    )
    assert game.render_svg(treason, 1) == game.render_svg(trust, 1) != game.render_svg(trust)


def test_memory():
    """With a memory of one round two histories look the same if they end in the same round."""
    short, long = (MatrixGame("prisoners_dilemma", rounds=4, memory=memory) for memory in (1, 0))
    histories = [C, C, D, C], [D, D, C, D, D, C]
    for game, same in ((short, True), (long, False)):
        one, other = (game.observe(strip(replay(game, 0, moves))) for moves in histories)
        assert bool((one == other).all()) == same
    assert replay(short, 0, [C, D, D, C]).rewards.tolist() == [10, 0]


def meeting(first: str, second: str, rounds: int, table: str = "prisoners_dilemma") -> list[list[int]]:
    """The choices of two strategies in a repeated game, a row for each round."""
    game = MatrixGame(table, rounds=rounds)
    players = [scripted(game, name) for name in (first, second)]
    step = jax.jit(game.step)
    state = fresh(game, jax.random.key(0))
    for ply in range(game.max_plies):
        states = jax.tree.map(lambda x: x[None], strip(state))
        state = step(state, players[ply % 2](None, jax.random.key(ply), states)[0])
    return state.past.tolist()


def test_strategies():
    assert meeting("tit_for_tat", "defect", 3) == [[C, D], [D, D], [D, D]]
    assert meeting("tit_for_tat", "grim_trigger", 3) == [[C, C]] * 3
    assert meeting("win_stay_lose_shift", "defect", 4) == [[C, D], [D, D], [C, D], [D, D]]
    assert meeting("grim_trigger", "win_stay_lose_shift", 3) == [[C, C]] * 3
    generous = [row[0] for row in meeting("generous_tit_for_tat", "defect", 40)]
    assert 20 < sum(generous) < 36 and generous[0] == C
    assert meeting("cooperate", "defect", 2) == [[C, D]] * 2


def test_forgiving_and_alternating_strategies():
    assert meeting("suspicious_tit_for_tat", "cooperate", 3) == [[D, C], [C, C], [C, C]]
    assert meeting("suspicious_tit_for_tat", "tit_for_tat", 3) == [[D, C], [C, D], [D, C]]
    assert meeting("tit_for_two_tats", "defect", 4) == [[C, D], [C, D], [D, D], [D, D]]
    assert meeting("tit_for_two_tats", "suspicious_tit_for_tat", 3) == [[C, D], [C, C], [C, C]]
    assert meeting("alternate", "tit_for_tat", 4) == [[C, C], [D, C], [C, D], [D, C]]
    assert meeting("alternate", "alternate", 3, "battle_of_the_sexes") == [[0, 0], [1, 1], [0, 0]]


SYMMETRIC = {
    "111": "pd",
    "122": "ch",
    "133": "ba",
    "144": "hr",
    "155": "cm",
    "166": "dl",
    "311": "nc",
    "322": "sh",
    "333": "as",
    "344": "co",
    "355": "pc",
    "366": "ha",
}


def orbit(table: np.ndarray) -> bytes:
    """The same for all tables that differ by the names of rows and columns alone."""
    return min(turned.tobytes() for a in (table, table[::-1]) for turned in (a, a[:, ::-1]))


def test_ordinal_games_are_all_there_are():
    numbered = {name: np.array(form.payoffs) for name, form in ORDINAL.items() if name.isdigit()}
    assert len(numbered) == len({orbit(table) for table in numbered.values()}) == 144
    for table in numbered.values():
        assert (np.sort(table.reshape(4, 2), axis=0).T == [1, 2, 3, 4]).all()
    symmetric = {name for name, table in numbered.items() if (table[..., 0] == table[..., 1].T).all()}
    assert symmetric == set(SYMMETRIC)
    assert all(ORDINAL[number] == ORDINAL[f"{two}_{two}"] for number, two in SYMMETRIC.items())


def test_neighbours_differ_by_a_swap_of_neighbouring_ranks():
    """Along a row of a layer B's pattern changes by swaps of the ranks 1 and 2, then 2 and 3, in turn."""
    for layer in "1234":
        row = [np.array(ORDINAL[f"{layer}1{column}"].payoffs)[..., 1] for column in range(1, 7)]
        for place, low in enumerate([1, 2, 1, 2, 1, 2]):
            swapped = np.choose(
                row[place].astype(int), [0, *(x + (x == low) - (x == low + 1) for x in range(1, 5))]
            )
            assert (row[(place + 1) % 6] == swapped).all()


def test_which_action_is_to_cooperate():
    social = {"prisoners_dilemma": (C, D), "stag_hunt": (C, D), "chicken": (1, 0)}
    assert {name: form.dilemma for name, form in NAMED.items() if form.dilemma} == social
    own = MatrixGame(payoffs=(((0, 0), (-1, 2)), ((2, -1), (1, 1))))
    assert own.form.dilemma == (1, 0)


def test_in_chicken_to_cooperate_is_to_give_way():
    dare, give_way = 0, 1
    assert meeting("tit_for_tat", "defect", 2, "chicken") == [[give_way, dare], [dare, dare]]
    assert meeting("cooperate", "grim_trigger", 2, "chicken") == [[give_way, give_way]] * 2


def test_grim_trigger_never_forgives():
    game = MatrixGame("prisoners_dilemma", rounds=5)
    for moves, choice in (([C, C, C, C], C), ([C, D, C, C, C, C], D)):
        states = jax.tree.map(lambda x: x[None], replay(game, 0, moves))
        assert scripted(game, "grim_trigger")(None, jax.random.key(0), states).tolist() == [choice]


def test_options():
    with pytest.raises(UserError, match="table='chickn'; did you mean 'chicken'"):
        make("matrix_game", table="chickn")
    with pytest.raises(UserError, match="table='177'; allowed: 111 to 166, to 466"):
        make("matrix_game", table="177")
    assert MatrixGame("122").form == MatrixGame("ch_ch").form
    with pytest.raises(UserError, match="no strategy 'tit_for_tad'; did you mean 'tit_for_tat'"):
        scripted(MatrixGame("chicken"), "tit_for_tad")
    with pytest.raises(UserError, match="strategies are for two players"):
        scripted(MatrixGame("team_matching_pennies"), STRATEGIES["defect"])
    with pytest.raises(UserError, match="allowed: prisoners_dilemma, stag_hunt, chicken"):
        scripted(MatrixGame("coordination"), "tit_for_tat")
    with pytest.raises(UserError, match="ragged"):
        make("matrix_game", payoffs=[[[1, 2], [3, 4]], [[1, 2]]])
    with pytest.raises(UserError, match=r"payoffs has shape \(2, 2\)"):
        MatrixGame(payoffs=((1, 2), (3, 4)))
    with pytest.raises(UserError, match="memory=4; allowed: 0 to 3"):
        MatrixGame(rounds=3, memory=4)
    with pytest.raises(UserError, match="'spock' is not an action; allowed: rock, paper, scissors"):
        MatrixGame().parse_action("spock")
