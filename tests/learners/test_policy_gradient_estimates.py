"""Returns and advantages over each player's own decisions, against plain Python."""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.config import PolicyGradientConfig
from jaxplay.learners.policy_gradient import (
    Decisions,
    Pending,
    estimate,
    expected_sarsa,
    settle,
    still_pending,
    surrogate,
)
from jaxplay.learners.policy_gradient._schedule import averaging
from jaxplay.rollout import Trajectory

DECAY, DISCOUNT = 0.8, 0.9
PLIES, MATCHES = 9, 24


class Rows(NamedTuple):
    """A random trajectory: who moved where, what everybody earned, and which games ended."""

    player: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    ratio: np.ndarray

    @property
    def decisions(self) -> Decisions:
        shape = self.player.shape
        number = np.arange(self.player.size).reshape(shape)
        blank = jnp.zeros((*shape, 2))
        value, weight = jnp.asarray(self.value, jnp.float32), jnp.asarray(self.weight, jnp.float32)
        player = jnp.asarray(self.player)
        return Decisions(None, player, jnp.asarray(number), blank > 0, blank, value, value, weight)


def random_rows(num_players: int, seed: int, plies: int = PLIES) -> Rows:
    """Players move in any order, a third of the rows are others' or nobody's, and games are short."""
    rng, shape = np.random.default_rng(seed), (plies, MATCHES)
    ends = rng.random(shape)
    return Rows(
        player=rng.integers(num_players, size=shape),
        weight=(rng.random(shape) < 0.7) * 1.0,
        value=rng.normal(size=shape),
        rewards=rng.normal(size=(*shape, num_players)),
        terminated=ends < 0.15,
        truncated=ends > 0.93,
        ratio=rng.lognormal(size=shape),
    )


def sequel(rows: Rows, match: int, row: int, player: int) -> tuple[float, int | None, bool]:
    """What `player` earns from `row` on until its next decision, its row, and whether it comes."""
    earned = 0.0
    for t in range(row, len(rows.player)):
        if t > row and rows.weight[t, match] > 0 and rows.player[t, match] == player:
            return earned, t, True
        earned += rows.rewards[t, match, player]
        if rows.terminated[t, match]:
            return earned, None, True
        if rows.truncated[t, match]:
            break
    return earned, None, False


def by_hand(rows: Rows, match: int, row: int, heed: Any) -> tuple[float, float, bool]:
    """The advantage of a decision, the correction of its value, and whether its sequel is known."""
    earned, following, known = sequel(rows, match, row, rows.player[row, match])
    if not known:
        return 0.0, 0.0, False
    value, later = (0.0, 0.0) if following is None else (rows.value[following, match], 0.0)
    if following is not None:
        later = by_hand(rows, match, following, heed)[1]
    advantage = earned + DISCOUNT * value - rows.value[row, match] + DISCOUNT * DECAY * later
    return advantage, heed[row, match] * advantage, True


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("num_players", [1, 2, 3])
def test_estimates_of_own_decisions(num_players, corrected):
    rows = random_rows(num_players, seed=num_players)
    heed = np.minimum(rows.ratio, 1.0) if corrected else np.ones_like(rows.value)
    found, _ = estimate(
        jnp.asarray(rows.rewards),
        rows.decisions,
        jnp.asarray(rows.terminated),
        jnp.asarray(rows.truncated),
        decay=DECAY,
        discount=DISCOUNT,
        ratio=jnp.asarray(rows.ratio) if corrected else None,
    )
    found = jax.device_get(found)
    own, unknown = 0, 0
    for row, match in np.argwhere(rows.weight > 0):
        advantage, correction, known = by_hand(rows, match, row, heed)
        assert found.known[row, match] == known
        np.testing.assert_allclose(found.advantage[row, match], advantage, atol=1e-5)
        np.testing.assert_allclose(found.target[row, match], rows.value[row, match] + correction, atol=1e-5)
        own, unknown = own + 1, unknown + (not known)
    assert own > 120 and unknown > 10


def test_without_corrections_ratios_of_one_change_nothing():
    """V-trace of moves by the newest parameters is generalized advantage estimation."""
    rows = random_rows(2, seed=9)
    parts = (
        jnp.asarray(rows.rewards),
        rows.decisions,
        jnp.asarray(rows.terminated),
        jnp.asarray(rows.truncated),
    )
    shape: Any = {"decay": DECAY, "discount": DISCOUNT}
    plain, traced = (
        estimate(*parts, **shape)[0],
        estimate(*parts, ratio=jnp.ones(rows.value.shape), **shape)[0],
    )
    jax.tree.map(np.testing.assert_array_equal, plain, traced)


@pytest.mark.parametrize("num_players", [1, 2, 3])
def test_pending_decisions_are_settled_later(num_players):
    """Those of three trajectories in a row come to what they come to in one."""
    parts = [random_rows(num_players, seed, plies) for seed, plies in ((1, PLIES), (2, 1), (3, PLIES))]
    whole = Rows(*(np.concatenate(leaves) for leaves in zip(*parts, strict=True)))
    blank = jax.tree.map(
        lambda leaf: jnp.zeros((num_players, *leaf.shape[1:]), leaf.dtype), parts[0].decisions
    )
    pending, began, settled, kept = Pending(blank, jnp.zeros((num_players, MATCHES))), 0, 0, 0
    rows_of: dict[tuple[int, int], int] = {}
    for part in parts:
        rewards, over, cut = (jnp.asarray(x) for x in (part.rewards, part.terminated, part.truncated))
        _, follow = estimate(rewards, part.decisions, over, cut, decay=DECAY, discount=DISCOUNT)
        found = jax.device_get(settle(pending, follow, decay=DECAY, discount=DISCOUNT))
        end = began + len(part.player)
        for (player, match), row in rows_of.items():
            earned, following, known = sequel(whole, match, row, player)
            comes = known and (following is None or following < end) and _ends_before(whole, match, row, end)
            assert found.known[player, match] == comes
            if comes:
                value = later = 0.0
                if following is not None:
                    value = whole.value[following, match]
                    later = by_hand(part, match, following - began, np.ones_like(part.value))[1]
                advantage = earned + DISCOUNT * value - whole.value[row, match] + DISCOUNT * DECAY * later
                np.testing.assert_allclose(found.advantage[player, match], advantage, atol=1e-5)
                settled += 1
        pending = still_pending(pending, part.decisions, rewards, over | cut)
        rows_of = _last_rows(whole, end)
        present = {(int(p), int(m)) for p, m in np.argwhere(np.asarray(pending.decisions.weight) > 0)}
        assert present == set(rows_of)
        kept += len(present)
        began = end
    assert settled > 12 and kept > 12


def _ends_before(rows: Rows, match: int, row: int, end: int) -> bool:
    """Whether what follows a decision is found before row `end`."""
    cut = Rows(*(leaf[:end] for leaf in rows))
    return sequel(cut, match, row, rows.player[row, match])[2]


def _last_rows(rows: Rows, end: int) -> dict[tuple[int, int], int]:
    """The last decision of each player in each match whose game goes on at row `end`."""
    found: dict[tuple[int, int], int] = {}
    for row, match in np.ndindex(end, MATCHES):
        if rows.weight[row, match] > 0:
            found[int(rows.player[row, match]), match] = row
        if rows.terminated[row, match] or rows.truncated[row, match]:
            found = {key: value for key, value in found.items() if key[1] != match}
    return found


def test_targets_of_action_values():
    """Expected SARSA(lambda) over the moves of all players, with rows in which nobody moved."""
    rows, rng = random_rows(2, seed=5), np.random.default_rng(6)
    moved = rng.random(rows.value.shape) < 0.8
    over, cut = rows.terminated & moved, rows.truncated & moved
    rewards, taken, expected = rng.normal(size=(3, *rows.value.shape, 1))
    rewards = rewards * moved[..., None]
    names = [field.name for field in dataclasses.fields(Trajectory)]
    facts: Any = {"rewards": rewards, "terminated": over, "truncated": cut}
    given: Any = {name: jnp.asarray(facts[name]) if name in facts else None for name in names}
    made = Trajectory(**given)
    target, known = expected_sarsa(
        made,
        jnp.asarray(moved),
        jnp.asarray(taken),
        jnp.asarray(expected),
        decay=DECAY,
        discount=DISCOUNT,
        ratio=jnp.asarray(rows.ratio),
    )

    target, known = jax.device_get((target, known))

    def hand(row: int, match: int) -> float | None:
        if over[row, match]:
            return rewards[row, match, 0]
        later = [t for t in range(row + 1, PLIES) if moved[t, match]]
        if cut[row, match] or not later:
            return None
        follow = expected[later[0], match, 0]
        ahead = hand(later[0], match)
        if ahead is not None:
            heed = min(1.0, rows.ratio[later[0], match])
            follow += DECAY * heed * (ahead - taken[later[0], match, 0])
        return rewards[row, match, 0] + DISCOUNT * follow

    for row, match in np.argwhere(moved):
        worth = hand(row, match)
        assert known[row, match] == (worth is not None)
        if worth is not None:
            np.testing.assert_allclose(target[row, match, 0], worth, atol=1e-5)
    assert not known[~moved].any()


@pytest.mark.parametrize("drift", ["ppo", "dpo"])
def test_surrogates_follow_the_advantage_and_hold_back_far_moves(drift):
    """At the behavior the slope is the advantage; far along it, it is flat or turns back."""
    slope = jax.grad(lambda x, a: surrogate(drift, 0.2, x, a))
    for advantage in (-1.0, 1.0):
        np.testing.assert_allclose(slope(0.0, advantage), advantage, atol=1e-6)
        far = slope(np.sign(advantage) * 2.0, advantage)
        assert advantage * far < 0.1
    back = slope(1.0, -1.0)
    np.testing.assert_allclose(back, -np.exp(1.0), atol=1e-5)


def test_averages_forget_their_beginning():
    """At first step t counts about as its square, later as the decay says."""
    config = PolicyGradientConfig(ema_decay=0.999)
    weights = np.asarray([averaging(config, jnp.int32(updates)) for updates in range(200)])
    counts = weights * np.append(np.cumprod((1.0 - weights)[:0:-1])[::-1], 1.0)
    assert counts[0] < 1e-5 and counts.sum() == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(counts[20:] / counts[-1], (np.arange(20, 200) / 199) ** 2, atol=0.03)
    assert averaging(config, jnp.int32(10_000)) == pytest.approx(0.001)
