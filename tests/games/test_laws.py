"""Every game keeps the laws of `jaxplay.game`."""

import pytest

from jaxplay.game import make, names
from jaxplay.testing import check_game

PGX = ["pgx:kuhn_poker", "pgx:2048"]
LONG = dict.fromkeys(["backgammon", "pig", "royal_game_of_ur", "twenty_forty_eight"], 16_384)
"""Moves to play where 128 in each lane do not bring a game to its end."""


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("name", names())
def test_our_games(name: str):
    report = check_game(make(name), num_plies=LONG.get(name, 4096))
    assert report.games > 0
    assert report.stripped_bytes < report.state_bytes
    assert report.steps_per_second > 0


@pytest.mark.parametrize("name", PGX)
def test_pgx_games(name: str):
    check_game(make(name), num_plies=512, may_forget=True)
