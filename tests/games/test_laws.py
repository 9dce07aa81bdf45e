"""Every game keeps the laws of `jaxplay.game`."""

import jax
import pytest

from jaxplay.game import make, names
from jaxplay.game.pgx import BRIDGE, FACTS
from jaxplay.testing import check_game

PGX = ("2048", "kuhn_poker")
"""Games of Pgx that cost little; the others are looked at with the dearer tests."""
CUT = ("backgammon", "minatar-asterix", "minatar-breakout", "minatar-seaquest", "minatar-space_invaders")
"""Those that need not end by themselves."""
LONG = dict.fromkeys(["backgammon", "pig", "royal_game_of_ur", "twenty_forty_eight"], 16_384)
"""Moves to play where 128 in each lane do not bring a game to its end."""


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("name", names())
def test_our_games(name: str):
    report = check_game(make(name), num_plies=LONG.get(name, 4096))
    assert report.games > 0
    assert report.stripped_bytes < report.state_bytes
    assert report.steps_per_second > 0


@pytest.mark.parametrize("name", [
    *PGX,
    *(pytest.param(name, marks=pytest.mark.full) for name in sorted({*FACTS} - {*PGX, BRIDGE})),
])  # fmt: skip
def test_pgx_games(name: str):
    """Also that games end within the bound that we guess, as Pgx tells none."""
    with jax.numpy_rank_promotion("allow"):  # as Pgx's shogi needs it
        report = check_game(make(f"pgx:{name}"), num_plies=512, may_forget=True, may_be_cut=name in CUT)
    assert report.games > 0 or name in CUT
