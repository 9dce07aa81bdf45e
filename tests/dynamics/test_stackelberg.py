"""Leaders and followers: the linear program, leaders who learn, followers who pretend."""

import numpy as np
import pytest

from jaxplay.dynamics import best_responder, deception, learn_commitment, stackelberg
from jaxplay.errors import UserError

LEADER = np.array([[2.0, 4.0], [1.0, 3.0]])
FOLLOWER = np.array([[1.0, 0.0], [0.0, 1.0]])
"""Of Conitzer and Sandholm: the leader's first action dominates, and committing to half of each earns 3.5."""


def games(number: int, shape: tuple[int, int] = (2, 4)) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    return [(rng.uniform(size=shape), rng.uniform(size=shape)) for _ in range(number)]


def test_to_commit_is_worth_more_than_to_dominate():
    found = stackelberg(LEADER, FOLLOWER)
    np.testing.assert_allclose(found.mixture, [0.5, 0.5], atol=1e-9)
    assert (found.answer, found.leader, found.follower) == (1, pytest.approx(3.5), pytest.approx(0.5))


@pytest.mark.parametrize("game", games(3, (3, 3)), ids=["a", "b", "c"])
def test_the_program_is_no_worse_than_a_grid(game):
    leader, follower = game
    found, answer = stackelberg(leader, follower), best_responder(leader, follower)
    grid = [np.array([a, b, 60 - a - b]) / 60 for a in range(61) for b in range(61 - a)]
    best = max(x @ leader[:, answer(x)] for x in grid)
    assert best <= found.leader + 1e-9 and found.leader < best + 0.05
    assert answer(found.mixture) == found.answer


def test_answers_teach_a_leader():
    for leader, follower in games(10):
        best = stackelberg(leader, follower)
        lesson = learn_commitment(leader, best_responder(leader, follower))
        assert best.leader - 1e-3 < lesson.commitment.leader <= best.leader + 1e-9
        assert lesson.rounds < 100 and lesson.regret >= 0


def test_a_follower_gains_by_pretending():
    gained = []
    for leader, follower in games(10):
        honest = stackelberg(leader, follower)
        lie = deception(leader, follower)
        seen = learn_commitment(leader, best_responder(leader, lie.payoffs), tolerance=1e-9).commitment
        assert seen.leader == pytest.approx(lie.commitment.leader, abs=1e-3)
        earned = seen.mixture @ follower[:, seen.answer]
        assert earned == pytest.approx(lie.commitment.follower, abs=1e-2)
        assert lie.commitment.follower >= honest.follower - 1e-9
        gained.append(earned - honest.follower)
    assert min(gained) > -1e-2 and np.mean(gained) > 0.05


def test_what_is_refused():
    with pytest.raises(UserError, match=r"shapes \(2, 2\) and \(2, 3\)"):
        stackelberg(LEADER, np.ones((2, 3)))
    with pytest.raises(UserError, match="not finite"):
        deception(LEADER, FOLLOWER * np.nan)
    with pytest.raises(UserError, match="3 actions; allowed: 2"):
        learn_commitment(np.ones((3, 2)), lambda mixture: 0)
