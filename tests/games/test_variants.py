"""Games of hidden information keep the laws with their options too."""

from typing import Any

import pytest

from jaxplay.game import make
from jaxplay.testing import check_game

VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("bargaining", {"objective": "cooperative", "turns": 3}),
    ("coin_game", {"rows": 1, "columns": 12, "players": 3, "extra": 0, "coins": 2, "moves": 6}),
    ("dark_hex", {"rows": 2, "columns": 2, "abrupt": True}),
    ("goofspiel", {"cards": 3, "order": "ascending", "hidden": True, "players": 3}),
    ("lewis_signaling", {"states": 2, "messages": 5}),
    ("matrix_game", {"table": "team_matching_pennies", "rounds": 2}),
]


@pytest.mark.strict_dtypes
@pytest.mark.parametrize(("name", "options"), VARIANTS, ids=[name for name, _ in VARIANTS])
def test_options(name: str, options: dict[str, Any]):
    report = check_game(make(name, **options), num_plies=1024)
    assert report.games > 0 and report.information_states
