"""When learners are frozen, and from where they start anew."""

from dataclasses import replace as changed

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import with_scores

from jaxplay import league
from jaxplay.league import (
    LEAGUE_EXPLOITER,
    MAIN_AGENT,
    MAIN_EXPLOITER,
    Role,
    Standings,
    alphastar_role,
    restart,
)
from jaxplay.struct import replace

beats = jax.jit(league.beats, static_argnums=(0, 2))
ready = jax.jit(league.ready, static_argnums=(0, 2))
PLAIN = Role(MAIN_AGENT, 10, 100, threshold=0.7, confidence=0.5, min_games=10)
SURE = changed(PLAIN, confidence=0.95)


def games(standings: Standings, number: float) -> Standings:
    return replace(standings, games=jnp.full_like(standings.games, number))


def test_all_targets_must_be_beaten():
    assert beats(PLAIN, with_scores([0.8, 0.71, 0.9]), 0)
    assert not beats(PLAIN, with_scores([0.8, 0.69, 0.9]), 0)
    assert not beats(PLAIN, with_scores([]), 0)
    gone = with_scores([0.8, 0.1, 0.9])
    gone = replace(gone, frozen=gone.frozen.at[2].set(False), present=gone.present.at[2].set(False))
    assert beats(PLAIN, gone, 0)


def test_certainty_takes_games():
    # 78 points of 100, of effective weight: Wilson's lower bound is 0.704 (95 %, one-sided).
    narrow = with_scores([0.78, 0.78])
    weight = 2 * 100 / 1.99 / (1 + 100 * 0.01 / 1.99)  # so that effective_games is 100
    assert beats(SURE, games(narrow, weight), 0)
    assert not beats(SURE, games(narrow, 0.9 * weight), 0)
    assert not beats(SURE, games(with_scores([0.77, 0.9]), weight), 0)
    assert not beats(PLAIN, games(narrow, 4.0), 0)  # fewer than `min_games`
    assert beats(changed(PLAIN, min_games=0), games(narrow, 4.0), 0)


def test_the_mean_of_many_is_surer_than_the_least():
    scores = with_scores([0.6, 0.9, 0.75, 0.9])
    mean = changed(SURE, measure="mean")
    assert not beats(SURE, scores, 0) and beats(mean, scores, 0)
    assert not beats(mean, games(scores, 6.0), 0)
    # Bound by hand: mean 0.7875 less z times the root of the summed variances over 4.
    standings, z, n = games(scores, 50.0), 1.644854, 50 * 1.99 / (2 - 0.5)
    share = (np.array([0.6, 0.9, 0.75, 0.9]) * n + z * z / 2) / (n + z * z)
    bound = 0.7875 - z * np.sqrt((share * (1 - share) / (n + z * z)).sum()) / 4
    assert beats(changed(mean, threshold=bound - 1e-3), standings, 0)
    assert not beats(changed(mean, threshold=bound + 1e-3), standings, 0)


def test_main_exploiters_must_beat_main_agents_only():
    kinds = (MAIN_EXPLOITER, MAIN_AGENT, MAIN_AGENT, LEAGUE_EXPLOITER)
    standings = with_scores([0.1, 0.1], kinds=kinds)
    score = standings.score.at[0, 1].set(0.8).at[0, 2].set(0.75)
    role = changed(PLAIN, kind=MAIN_EXPLOITER)
    assert beats(role, replace(standings, score=score), 0)
    assert not beats(role, replace(standings, score=score.at[0, 2].set(0.6)), 0)
    assert not beats(changed(PLAIN, kind=LEAGUE_EXPLOITER), replace(standings, score=score), 0)


@pytest.mark.parametrize(
    ("score", "since", "expected"),
    [(0.9, 9, False), (0.9, 10, True), (0.5, 99, False), (0.5, 100, True)],
    ids=["too soon", "won", "lost", "out of time"],
)
def test_time(score: float, since: int, expected: bool):
    assert bool(ready(PLAIN, with_scores([score]), 0, jnp.int32(since))) == expected


def test_alphastars_resets():
    resets = [alphastar_role(kind, 1, 2).reset for kind in (MAIN_AGENT, MAIN_EXPLOITER, LEAGUE_EXPLOITER)]
    assert resets == [0, 1, 0.25]


def test_adaptive_restarts():
    kinds = (MAIN_AGENT, MAIN_EXPLOITER)
    role = Role(MAIN_EXPLOITER, 1, 2, adaptive=True)

    def start(against_main: list[float], kind: list[int] | None = None) -> int:
        standings = with_scores(1 - np.array(against_main), kinds=kinds)
        mine = np.array([MAIN_AGENT, *(kind or [MAIN_EXPLOITER] * (len(against_main) - 1))])
        standings = replace(standings, kind=standings.kind.at[2:].set(jnp.asarray(mine)))
        return int(jax.jit(lambda s: restart(role, s))(standings))

    assert start([0.5, 0.3, 0.45, 0.1, 0.6]) == 2  # in [0.2, 0.5], nearest 0.5
    assert start([0.5, 0.1, 0.05, 0.9, 0.6]) == 0  # nobody fits
    assert start([0.5, 0.3, 0.45], kind=[MAIN_EXPLOITER, LEAGUE_EXPLOITER]) == 1  # of its own kind only
    unknown = with_scores([0.5, 0.5, 0.6], kinds=kinds)
    few = unknown.games.at[3].set(5.0).at[:, 3].set(5.0)  # the second has met nobody yet, and scores 0.5
    unknown = replace(unknown, games=few, kind=unknown.kind.at[3:].set(MAIN_EXPLOITER))
    assert int(restart(role, unknown)) == 2 and int(restart(changed(role, min_games=5), unknown)) == 1
    assert int(restart(changed(role, adaptive=False), with_scores([0.4, 0.4], kinds=kinds))) == 0


def test_warm_restarts():
    """From the newest copy of a main agent; an adaptive role only where it finds nobody."""
    standings = with_scores([0.5, 0.3, 0.45], kinds=(MAIN_EXPLOITER, MAIN_AGENT), born=[3, 7, 9])
    kinds = standings.kind.at[2:].set(jnp.array([MAIN_AGENT, MAIN_AGENT, MAIN_EXPLOITER]))
    standings, role = replace(standings, kind=kinds), Role(MAIN_EXPLOITER, 1, 2, warm=True)
    assert int(restart(role, standings)) == 1
    assert int(restart(changed(role, adaptive=True), standings)) == 2
    nobody = replace(standings, kind=jnp.full_like(kinds, LEAGUE_EXPLOITER))
    assert int(restart(role, nobody)) == 0
