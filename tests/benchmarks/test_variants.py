"""`jaxplay bench variants`: games between a search that keeps its trees and one that does not."""

import pytest

from jaxplay.benchmarks.variants import play_kept
from jaxplay.evaluator import uniform
from jaxplay.game import make
from jaxplay.search import puct


def test_a_keeper_searches_at_its_own_moves_only():
    """As many simulations as the other, of which some are kept; a tree of 9 edges keeps few."""
    game = make("tic_tac_toe")
    row = play_kept(puct, game, uniform(game), None, simulations=24, seed=0, num_games=8)
    assert row["simulations"] == pytest.approx(24.0)
    assert 0.0 < row["visits_kept"] < 24.0
    assert 0.0 <= row["share"] <= 1.0
