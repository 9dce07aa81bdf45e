"""Repeated games: exact values, LOQA, LOLA, naive learners, imagined opponents, and scripts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.games.matrix_game import MatrixGame
from jaxplay.shaping import (
    actor_critic,
    evaluate,
    learn,
    live,
    loqa,
    mbom,
    mean_rewards,
    naive,
    repeated,
    stay,
    strategy,
)
from jaxplay.shaping.rounds import other_frame
from jaxplay.shaping.strategies import SECOND
from jaxplay.shaping.updates import lola

DILEMMA = np.array([[[-1, -1], [-3, 0]], [[0, -3], [-2, -2]]], np.float32)
GAME = repeated(DILEMMA)
SEXES = repeated(MatrixGame("battle_of_the_sexes").tensor)
C, D = 0, 1


def policy(name: str) -> jax.Array:
    """A strategy of one's own frame."""
    return jnp.array(strategy(name))


def test_values_are_those_of_play():
    """Discounted sums of 600 rounds, all of their distributions followed."""
    game = repeated(np.random.RandomState(0).normal(size=(3, 3, 2)), 0.9)
    keys = jax.random.split(jax.random.key(1))
    mine, theirs = (jax.nn.softmax(jax.random.normal(key, (10, 3))) for key in keys)
    state, expected = np.eye(10)[0], np.zeros(2)
    seen = np.asarray(other_frame(theirs))
    for number in range(300):
        joint = state[:, None, None] * np.asarray(mine)[:, :, None] * seen[:, None]
        expected += 0.9**number * np.einsum("sab,abi->i", joint, np.asarray(game.payoffs))
        state = np.concatenate([[0.0], joint.sum(axis=0).reshape(-1)])
    found = evaluate(game, mine, theirs)
    np.testing.assert_allclose(found.values[:, 0], expected, rtol=1e-4)
    np.testing.assert_allclose(found.occupancy.sum(), 10, rtol=1e-4)
    swapped = mean_rewards(game.swapped, theirs, mine)
    np.testing.assert_allclose(swapped[::-1], 0.1 * expected, rtol=1e-4)


def test_scripts_of_tables_are_those_of_games():
    """In each state of memory the probabilities are those of the strategies of the game that is played."""
    expected = {"tit_for_tat": [C, C, D, C, D], "win_stay_lose_shift": [C, C, D, D, C]}
    for name, actions in expected.items():
        assert strategy(name).argmax(axis=1).tolist() == actions
    alternate = mean_rewards(SEXES, policy("alternate"), policy("alternate"))
    np.testing.assert_allclose(alternate, [(3 + 0.96 * 2) / 1.96, (2 + 0.96 * 3) / 1.96], rtol=1e-5)
    assert all(strategy(name).shape == (5, 2) for name in SECOND)


@pytest.fixture(scope="module")
def returns() -> dict[str, np.ndarray]:
    """Mean rewards of 20 pairs at the end, of each method against itself."""
    found = {}
    for name, update, steps in (("naive", naive(), 500), ("loqa", loqa(), 2000)):
        played = learn(GAME, (update, update), jax.random.key(0), num_steps=steps)
        found[name] = np.asarray(played.returns[:, -1].mean(axis=-1))
    return found


def test_loqa_cooperates_where_naive_learners_defect(returns: dict[str, np.ndarray]):
    assert (returns["loqa"] >= -1.05).sum() >= 18
    assert returns["naive"].mean() <= -1.8


def test_lola_is_naive_where_it_does_not_look_ahead():
    logits = jax.random.normal(jax.random.key(2), (2, 5, 2))
    np.testing.assert_allclose(lola(1.0, 0.0)(GAME, *logits), naive()(GAME, *logits), rtol=1e-4, atol=1e-6)
    assert (jnp.abs(lola(1.0, 5.0)(GAME, *logits) - naive()(GAME, *logits)) > 1e-3).any()


def test_a_learner_forgives_one_defection():
    """Tit for tat that began with a defection is met by cooperation, and goes on with it."""
    played = learn(GAME, (naive(), stay()), jax.random.key(0), scripted=policy("suspicious_tit_for_tat"))
    own = np.asarray(played.policies[:, 0, :, C])
    assert (own[:, [0, 1, 2]] > 0.9).all(), "at first, after cooperation, and after the other's defection"
    assert (played.returns[:, -1, 0] > -1.1).all()


def test_a_learner_alternates_in_the_battle_of_the_sexes():
    played = learn(SEXES, (naive(), stay()), jax.random.key(0), scripted=policy("alternate"))
    own = np.asarray(played.policies[:, 0, :, 0])
    assert (own[:, 4] > 0.9).all() and (own[:, 1] < 0.1).all(), "bach after both went to stravinsky"
    assert (played.returns[:, -1].sum(axis=-1) > 4.95).all(), "the joint optimum is 5"


UNSEEN = ("win_stay_lose_shift", "alternate", "contrary")


def test_imagined_opponents_beat_plain_policy_gradients():
    """Three opponents that the prior, a mean of three others, does not hold; the best of three rates each."""
    known = [np.asarray(other_frame(policy(name))) for name in ("cooperate", "defect", "random")]
    prior = jnp.asarray(np.mean(known, axis=0))
    opponents = jnp.stack([policy(name) for name in UNSEEN])
    keys = jax.random.split(jax.random.key(0), 8)

    def earned(player):
        one = jax.vmap(lambda key, other: live(GAME, player, other, key, 150)[:, 0].mean(), in_axes=(0, None))
        return np.asarray(jax.jit(jax.vmap(one, in_axes=(None, 0)))(keys, opponents)).mean(axis=1)

    plain = np.max([earned(actor_critic(GAME, rate)) for rate in (0.3, 1.0)], axis=0)
    assert (earned(mbom(GAME, prior)) > plain + 0.02).all()


def test_many_actions_are_not_imagined():
    with pytest.raises(UserError, match="mbom: 5 actions; allowed: up to 4"):
        mbom(repeated(np.zeros((5, 5, 2))), jnp.full((26, 5), 0.2))
