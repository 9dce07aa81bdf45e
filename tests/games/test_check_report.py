"""What `check_game` tells of a game that keeps the laws: what is odd, and what random games are like."""

import jax
import pytest
from tug import PLIES, Tug, changed

from jaxplay.struct import replace
from jaxplay.testing import check_game

ODD = {
    "max_return is 5; no player earned more than 1": changed(max_return=5.0),
    "min_return is -9; no player earned less than -1": changed(min_return=-9.0),
    "zero_sum is False; the returns of all games added up to zero": changed(zero_sum=False),
    "max_plies is 100; the longest game had 6 decisions": changed(max_plies=100),
    "init depends on its key": changed(
        init=lambda self, key: replace(Tug.init(self, key), plies=jax.random.randint(key, (), 0, 2))
    ),
}
"""What is odd to a game."""


@pytest.mark.parametrize("told", ODD)
def test_what_is_odd_is_told(told: str):
    oddities = check_game(ODD[told], num_plies=PLIES).oddities
    assert [oddity for oddity in oddities if oddity.startswith(told)] == list(oddities)


def test_what_was_seen_is_told():
    """Also which law is tried, before it is; and a game in words, whose winner the author may look at."""
    parts: list[str] = []
    report = check_game(Tug(), num_plies=PLIES, tell=parts.append)
    assert len(parts) == len(set(parts)) > 5 and any("law 7" in part for part in parts)
    assert report.seen is not None and report.oddities == ()
    assert 2 < report.seen.mean_plies < 6 == report.seen.most_plies
    assert 1 < report.seen.branching < 2
    assert sum(report.seen.wins) + report.seen.draws == pytest.approx(1)
    moves, *_, result = report.example.splitlines()
    assert moves.startswith("player 0: ") and ", chance: " in moves
    winner = int(moves.rpartition("player ")[2][0])
    assert result.startswith(f"player {winner} wins: player 0 earned ")
