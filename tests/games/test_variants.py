"""Games keep the laws with their options too."""

from typing import Any

import pytest

from jaxplay.game import make
from jaxplay.testing import check_game

HIDDEN: list[tuple[str, dict[str, Any]]] = [
    ("bargaining", {"objective": "cooperative", "turns": 3}),
    ("coin_game", {"rows": 1, "columns": 12, "players": 3, "extra": 0, "coins": 2, "moves": 6}),
    ("dark_hex", {"rows": 2, "columns": 2, "abrupt": True}),
    ("goofspiel", {"cards": 3, "order": "ascending", "hidden": True, "players": 3}),
    ("kuhn_poker", {"players": 3}),
    ("lewis_signaling", {"states": 2, "messages": 5}),
    ("matrix_game", {"table": "team_matching_pennies", "rounds": 2}),
    ("off_switch", {"utilities": "-1;2", "weights": "1;3", "error": 0.25}),
]

OPEN: list[tuple[str, dict[str, Any]]] = [
    ("connect_four", {"rows": 4, "columns": 5, "k": 3}),
    ("hex", {"size": 5, "swap": False}),
    ("nim", {"piles": (2, 3), "misere": True}),
    ("pig", {"target": 12, "players": 3}),
]

DEARER: list[tuple[str, dict[str, Any]]] = [
    ("backgammon", {"gammons": False}),
    ("backgammon", {"both_dice": False}),
    ("breakthrough", {"rows": 5, "columns": 4}),
    ("coin_dilemma", {"size": 2, "rounds": 2, "penalty": 1.0}),
    ("congestion_game", {"players": 2, "worth": "3;2;-1", "places": 2, "rounds": 3}),
    ("donor_game", {"players": 3, "turns": 1, "norm": "image", "punishment": False, "known": 1.0}),
    ("donor_game", {"players": 2, "turns": 3, "known": 0.25}),
    ("domineering", {"rows": 3, "columns": 5}),
    ("first_price_auction", {"players": 3, "sales": 1, "values": 2, "budget": 1}),
    ("go", {"size": 4, "komi": 2.0}),
    ("gomoku", {"rows": 5, "columns": 6, "k": 4, "overlines": False}),
    ("hex", {"size": 12}),
    ("leduc_poker", {"players": 3}),
    ("liars_dice", {"dice": 2, "sides": 3}),
    ("matrix_game", {"table": "chicken", "rounds": 4}),
    ("othello", {"size": 4}),
    ("othello", {"size": 6}),
    ("phantom_tic_tac_toe", {"abrupt": True}),
    ("royal_game_of_ur", {"pieces": 2}),
    ("tiny_hanabi", {"players": 2, "cards": 1, "actions": 2, "payoff": "1;0;0;2"}),
]


CUT = ("go",)
"""Games that need not end within the plies after which self-play cuts them."""


def told(variant: tuple[str, dict[str, Any]]) -> str:
    """A game's name and options."""
    name, options = variant
    return ",".join([name, *(f"{option}={value}" for option, value in options.items())])


@pytest.mark.strict_dtypes
@pytest.mark.parametrize("variant", [
    *(HIDDEN + OPEN),
    *(pytest.param(variant, marks=pytest.mark.full) for variant in DEARER),
], ids=told)  # fmt: skip
def test_options(variant: tuple[str, dict[str, Any]]):
    name, options = variant
    game = make(name, **options)
    report = check_game(game, num_plies=1024, may_be_cut=name in CUT)
    assert report.games > 0
    assert game.perfect_information or report.information_states
