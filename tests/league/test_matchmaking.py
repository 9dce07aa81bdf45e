"""Matchmaking: reference vectors, AlphaStar's mixtures against plain loops, samples, referees."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from leagues import KINDS_OF_LEAGUES, Plain, drop_monotonic_suffix, made_up, opponents, together, with_scores

from jaxplay import league
from jaxplay.errors import UserError
from jaxplay.struct import replace

SCORES = [0.9, 0.5, 0.1]


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (league.hard(), [0.0093458, 0.2336449, 0.7570093]),
        (league.variance, [0.2093023, 0.5813953, 0.2093023]),
        (league.capped, [0.0909091, 0.4545455, 0.4545455]),
        (league.linear, [1 / 15, 5 / 15, 9 / 15]),
        (league.hard(1.0), [1 / 15, 5 / 15, 9 / 15]),
    ],
    ids=["hard", "variance", "capped", "linear", "hard of power 1"],
)
def test_weights_of_prioritized_self_play(weight, expected):
    found = opponents(league.prioritized(weight), with_scores(SCORES))
    np.testing.assert_allclose(found, [0, *expected], atol=1e-7)


def test_who_beats_all_plays_all_and_who_is_alone_plays_itself():
    beaten = with_scores([1.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(opponents(league.prioritized(league.hard()), beaten), [0, *[0.25] * 4])
    alone = with_scores([])
    learning = [league.prioritized(league.hard()), league.latest(), league.uniform(), league.main_agent()]
    learning += [
        league.delta_uniform(0.5),
        league.quality_scores(),
        league.phases(),
        league.league_exploiter(),
    ]
    learning += [league.psro(league.by_nash()), league.rectified(league.by_nash()), league.main_exploiter()]
    for matchmaker in learning:
        np.testing.assert_allclose(opponents(matchmaker, alone), [1.0])


def test_age_decides():
    standings = with_scores([0.5] * 5, born=[3, 9, 0, 7, 5])
    assert opponents(league.self_play(), standings).tolist() == [1, 0, 0, 0, 0, 0]
    assert opponents(league.latest(), standings).tolist() == [0, 0, 1, 0, 0, 0]
    np.testing.assert_allclose(opponents(league.uniform(), standings), [0, *[0.2] * 5])
    np.testing.assert_allclose(opponents(league.delta_uniform(0.0), standings), [0, *[0.2] * 5])
    np.testing.assert_allclose(opponents(league.delta_uniform(0.6), standings), [0, 0, 0.5, 0, 0.5, 0])
    np.testing.assert_allclose(opponents(league.delta_uniform(1.0), standings), [0, 0, 1, 0, 0, 0])


def test_mixtures_of_rules():
    parts = (0.9, league.prioritized(league.hard())), (0.1, league.uniform())
    found = opponents(league.mixture(*parts), with_scores(SCORES))
    expected = 0.9 * np.array([0.0093458, 0.2336449, 0.7570093]) + 0.1 / 3
    np.testing.assert_allclose(found, [0, *expected], atol=1e-6)
    with pytest.raises(ValueError, match="sum to one"):
        league.mixture((0.5, league.uniform()))
    with pytest.raises(UserError, match="stateless makes one of a function"):
        league.mixture((1.0, lambda standings, learner: standings.frozen))  # pyright: ignore


def test_without_oneself():
    """Beside matches outside lanes; who meets nobody else meets itself."""
    agent = league.without_self(league.main_agent())
    half = opponents(league.main_agent(), with_scores(SCORES))
    assert half[0] > 0.3
    np.testing.assert_allclose(
        opponents(agent, with_scores(SCORES)), [0, *half[1:] / half[1:].sum()], atol=1e-6
    )
    np.testing.assert_allclose(opponents(agent, with_scores([])), [1.0])


def test_forgotten_copies_are_those_of_the_plain_loop():
    rng = np.random.default_rng(0)
    size, cases = 12, 400
    score = np.round(rng.random((cases, size)), 1).astype(np.float32)
    born = np.stack([rng.permutation(size) for _ in range(cases)])
    candidates = rng.random((cases, size)) < rng.random((cases, 1))
    found = np.asarray(jax.jit(jax.vmap(league.forgotten))(score, born, candidates))
    lengths = set()
    for case in range(cases):
        order = sorted(np.flatnonzero(candidates[case]), key=lambda j, case=case: born[case, j])
        kept = order[: len(drop_monotonic_suffix([score[case, j] for j in order]))]
        assert sorted(kept) == np.flatnonzero(found[case]).tolist()
        lengths.add(len(kept))
    assert len(lengths) > 8  # cases of all kinds


@pytest.mark.parametrize("kinds", KINDS_OF_LEAGUES, ids=len)
@pytest.mark.parametrize("role", ["main_agent", "main_exploiter", "league_exploiter"])
def test_alphastars_mixtures_are_those_of_the_plain_loop(kinds: tuple[int, ...], role: str):
    rng = np.random.default_rng(1)
    many = [made_up(rng, kinds) for _ in range(150)]
    matchmaker, learner = getattr(league, role)(), len(kinds) - 1
    found = jax.jit(jax.vmap(lambda s: matchmaker.opponents((), s, jnp.int32(learner))))(together(many))
    expected = [getattr(Plain(standings, learner), role)() for standings in many]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.sum(expected, axis=1), 1)


def test_samples_come_as_often_as_they_should():
    probs = jnp.array([0.0, 0.5, 0.0, 0.3, 0.2, 0.0])
    keys = jax.random.split(jax.random.key(0), 500)
    sampled = np.asarray(jax.jit(jax.vmap(lambda key: league.sample(key, probs, 8)))(keys))
    counts = np.stack([np.bincount(row, minlength=6) for row in sampled])
    assert (np.abs(counts - 8 * np.asarray(probs)) < 1).all()  # 4, 2 or 3, 1 or 2: never anything else
    np.testing.assert_allclose(counts.mean(0), 8 * np.asarray(probs), atol=0.07)
    single = np.asarray(jax.jit(jax.vmap(lambda key: league.sample(key, probs, 1)))(keys))[:, 0]
    np.testing.assert_allclose(np.bincount(single, minlength=6) / 500, probs, atol=0.07)
    sure = jnp.array([0.0, 1.0, 0.0])
    assert (jax.jit(jax.vmap(lambda key: league.sample(key, sure, 5)))(keys) == 1).all()


def test_referees_measure_what_is_known_least():
    standings = with_scores([0.5] * 4)
    games = np.full((5, 5), 10.0, np.float32)
    games[2, 4] = games[4, 2] = 1
    games[1, 3] = games[3, 1] = 2
    games[0] = 0  # the learner's own games are no business of referees
    standings = replace(standings, games=jnp.asarray(games))
    find = jax.jit(league.least_measured, static_argnums=2)
    pairs, exists = find(jax.random.key(0), standings, 2)
    assert pairs.tolist() == [[2, 4], [1, 3]] and exists.all()
    gone = replace(standings, frozen=jnp.array([False, False, True, True, False]))
    pairs, exists = find(jax.random.key(0), gone, 2)
    assert pairs[0].tolist() == [2, 3] and exists.tolist() == [True, False]
    firsts = {tuple(find(jax.random.key(i), with_scores([0.5] * 4), 2)[0][0].tolist()) for i in range(20)}
    assert len(firsts) > 3  # ties are broken at random


def test_pairs_for_referees():
    """Pairs are repeated where there are too few; only a single frozen player meets itself."""
    standings = with_scores([0.5] * 3)
    find = jax.jit(league.pairs_for_referees, static_argnums=2)
    key = jax.random.key(0)
    pairs = {tuple(pair) for pair in find(key, standings, 3).tolist()}
    assert pairs == {(1, 2), (1, 3), (2, 3)}
    many = find(key, standings, 8).tolist()
    assert many[:3] == many[3:6] and many[:2] == many[6:] and {tuple(pair) for pair in many} == pairs
    two = replace(standings, frozen=jnp.array([False, True, False, True]))
    assert find(key, two, 3).tolist() == [[1, 3]] * 3
    one = replace(standings, frozen=jnp.array([False, True, False, False]))
    assert find(key, one, 2).tolist() == [[1, 1]] * 2
    smallest = with_scores([0.5] * 2)
    assert find(key, smallest, 9).tolist() == [[1, 2]] * 9


@pytest.mark.parametrize("start", [0, 1, 2**31, 2**32 - 1])
def test_samples_in_turn_keep_their_shares(start):
    """In any stretch of samples each player has its share to within three, also after the shares changed."""
    probs = np.array([0.0, 0.4, 0.25, 0.0, 0.2, 0.1, 0.05, 0.0], np.float32)
    other = np.roll(probs, 3)[::-1].copy()
    find = jax.jit(league.sample_in_turn)
    numbers = np.arange(1200)
    for p, part in ((probs, numbers[:500]), (other, numbers[500:])):
        sampled = np.asarray(find(p, jnp.uint32(start), part))
        for size in (20, 100, len(part)):
            for first in range(0, len(part) - size + 1, 37):
                counts = np.bincount(sampled[first : first + size], minlength=8)
                assert (np.abs(counts - size * p) < 3).all() and not counts[p == 0].any()


def test_samples_in_turn_by_number_and_start():
    """A sample depends on its own number; sequences of other starts differ."""
    probs = np.full(16, 1 / 16, np.float32)
    find = jax.jit(league.sample_in_turn)
    rows = np.asarray(find(probs, jnp.uint32(7), np.arange(12).reshape(3, 4)))
    assert rows.tolist() == [[int(find(probs, jnp.uint32(7), 4 * i + j)) for j in range(4)] for i in range(3)]
    assert rows.tolist() != find(probs, jnp.uint32(2**30), np.arange(12).reshape(3, 4)).tolist()
    assert (find(probs[:1], jnp.uint32(2**32 - 1), np.arange(1000)) == 0).all()
