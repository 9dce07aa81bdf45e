"""Intervals, lower bounds and remembered scores, held against what is known exactly."""

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.arena import paired_interval, wilson
from jaxplay.games.kuhn_poker import KuhnPoker
from jaxplay.league import Payoff, add_games
from jaxplay.league.payoff import effective_games

GAME = KuhnPoker()


def endings(seat: int) -> list[tuple[float, dict[bytes, int], float]]:
    """All ends of the game against a uniform opponent: chance of what is not the player's, its moves by what
    it knew, and what it earned.
    """
    found = []

    def follow(state: Any, chance: float, moves: dict[bytes, int], earned: float) -> None:
        if state.terminated:
            found.append((chance, moves, earned))
            return
        mover = int(state.current_player)
        probs = np.asarray(GAME.chance_probs(state)) if mover < 0 else None
        legal = np.flatnonzero(state.legal_action_mask if probs is None else probs > 0)
        for action in legal.tolist():
            after = GAME.step(state, jnp.int32(action))
            share, more = 1 / len(legal) if probs is None else float(probs[action]), moves
            if mover == seat:
                seen = np.asarray(GAME.observe(state, jnp.int32(seat))).tobytes()
                share, more = 1.0, moves | {seen: action}
            follow(after, chance * share, more, earned + float(after.rewards[seat]))

    follow(GAME.init(jax.random.key(0)), 1.0, {}, 0.0)
    return found


def best_response(seat: int) -> tuple[float, np.ndarray, np.ndarray]:
    """What the best of all pure strategies earns of a uniform opponent, its outcomes and their chances."""
    ends = endings(seat)
    situations = sorted({seen for _, moves, _ in ends for seen in moves})
    best: tuple[float, Any, Any] = (-np.inf, None, None)
    for choice in product((0, 1), repeat=len(situations)):
        strategy = dict(zip(situations, choice, strict=True))
        kept = [(p, e) for p, moves, e in ends if all(strategy[seen] == a for seen, a in moves.items())]
        chance, earned = np.array(kept).T
        best = max(best, (float(chance @ earned), earned, chance), key=lambda one: one[0])
    return best


@pytest.fixture(scope="module")
def responses():
    return [best_response(seat) for seat in (0, 1)]


def test_best_responses_of_kuhn_poker(responses):
    """To uniform play: half a chip as the first player, five twelfths as the second."""
    assert [value for value, *_ in responses] == pytest.approx([0.5, 0.4166667], abs=1e-6)
    assert all(chance.sum() == pytest.approx(1, abs=1e-6) for *_, chance in responses)


def test_lower_bounds_are_below_and_near_the_truth(responses):
    """Of 200 pairs of games in which a best response meets uniform Kuhn poker: 2.5 % are too high."""
    rng, exact, low, span = np.random.default_rng(0), (0.5 + 5 / 12) / 2, GAME.min_return, 4.0
    assert (GAME.min_return, GAME.max_return) == (-2, 2)
    bounds = []
    for _ in range(1000):
        earned = [rng.choice(e, 200, p=c / c.sum()) for _, e, c in responses]
        bounds.append(low + span * paired_interval((np.mean(earned, axis=0) - low) / span)[0])
    assert np.mean(np.array(bounds) > exact) < 0.04
    assert exact - 0.3 < np.mean(bounds) < exact - 0.1


@pytest.mark.parametrize(("chance", "alike"), [(0.5, 1.0), (0.5, 0.0), (0.95, 1.0), (0.95, 0.5)])
def test_pairs_that_are_alike_tell_less(chance, alike):
    """Each second game is its pair's first one again with some chance: intervals hold the truth in 95 %."""
    rng = np.random.default_rng(1)
    held, naive = [], []
    for _ in range(1500):
        first, second = (rng.random((2, 100)) < chance).astype(float)
        share = (first + np.where(rng.random(100) < alike, first, second)) / 2
        low, high = paired_interval(share)
        held.append(low <= chance <= high)
        low, high = wilson(share.mean(), 200)
        naive.append(low <= chance <= high)
    assert 0.935 < np.mean(held) <= 1
    assert alike < 1 or np.mean(naive) < 0.92


def test_intervals_of_pairs_by_hand():
    """Where both games of each pair are alike it is Agresti and Coull's; with certainty it is not nothing."""
    low, high = paired_interval(np.array([1.0] * 60 + [0.0] * 40))
    n = 100 + 1.959964**2
    centre = (60 + 1.959964**2 / 2) / n
    margin = 1.959964 * np.sqrt(centre * (1 - centre) / n)
    assert (low, high) == pytest.approx((centre - margin, centre + margin), abs=1e-6)
    low, high = paired_interval(np.ones(200))
    assert 0.97 < low < 0.98 and high == 1.0
    lower = [paired_interval(np.array([1.0] * (200 - k) + [0.5] * k))[0] for k in range(20)]
    assert (np.diff(lower) < 0).all()


def remembered(chance: float) -> np.ndarray:
    """`(runs, 64)`: scores that a payoff table with decay 0.99 remembers, after 700 games of each pair."""
    shape = (100, 64)
    empty = Payoff(*jnp.zeros((4, *shape, 2)))

    def play(payoff: Payoff, key: Any) -> tuple[Payoff, None]:
        won = (jax.random.uniform(key, shape) < chance).astype(jnp.float32)
        games = jnp.zeros((*shape, 2)).at[..., 0].set(1.0)
        wins = games * won[..., None]
        return add_games(payoff, Payoff(games, wins, jnp.zeros_like(games), wins)), None

    after, _ = jax.jit(lambda keys: jax.lax.scan(play, empty, keys))(jax.random.split(jax.random.key(0), 700))
    return np.asarray(after.wins.sum(-1) / after.games.sum(-1))


def test_what_a_remembered_score_is_worth():
    """As 199 games, an error of 0.035; so that "all of 64 above 0.7" asks for 0.78 of each."""
    assert effective_games(jnp.float32(100.0)) == pytest.approx(199, rel=1e-4)
    assert remembered(0.5).std() == pytest.approx(0.0354, abs=0.001)
    assert np.median(remembered(0.78).min(axis=1)) == pytest.approx(0.7, abs=0.015)
    assert np.median(remembered(0.7).min(axis=1)) < 0.63
