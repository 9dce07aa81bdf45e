"""Every game keeps the laws of `jaxplay.game`."""

import pytest

from jaxplay.game import make, names
from jaxplay.testing import check_game

PGX = ["pgx:kuhn_poker", "pgx:2048"]


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("name", names())
def test_our_games(name: str):
    report = check_game(make(name))
    assert report.games > 0
    assert report.stripped_bytes < report.state_bytes
    assert report.steps_per_second > 0


@pytest.mark.parametrize("name", PGX)
def test_pgx_games(name: str):
    check_game(make(name), num_plies=512)
