import jax
import pytest

from jaxplay.games.connect_four import ConnectFour
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.solve.estimate import estimate_num_states


@pytest.mark.parametrize(
    ("game", "num_states"), [(TicTacToe(), 5478), (ConnectFour(rows=4, columns=4), 161_029)]
)
def test_it_is_low_but_not_by_an_order_of_magnitude(game, num_states):
    estimate, plies = estimate_num_states(game, jax.random.key(0), stop=1e9)
    assert num_states / 10 < estimate < 1.1 * num_states
    assert plies == game.max_plies


def test_it_stops_when_it_knows_enough():
    estimate, plies = estimate_num_states(ConnectFour(), jax.random.key(0), stop=1e5)
    assert 1e5 <= estimate < 1e7 and plies < 15
