"""Games as arrays: sizes, values and exploitability that are known, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hidden_games import form, random_table, uniform

from jaxplay.errors import UserError
from jaxplay.game import make
from jaxplay.solve import (
    _build_treeplex,
    _ends,
    _sums,
    behaviour,
    best_response,
    exploitability,
    game_tree,
    mixture_exploitability,
    policy_values,
    reachable,
    sequence_form,
)

DESCENDING = {"order": "descending", "hidden": True}
KNOWN = {
    "kuhn_poker": ({}, 58, 24, 6, 0.4583333, [0.5, 0.4166667], 0.125),
    "leduc_poker": ({}, 9457, 3780, 468, 2.3736111, [2.0875, 2.6597222], -0.078125),
    "liars_dice 1x3": ({"sides": 3}, 1147, 576, 96, 0.5555556, None, None),
    "liars_dice 1x4": ({"sides": 4}, 8181, 4096, 512, 0.6550595, None, None),
    "liars_dice 1x6": ({"sides": 6}, 294883, 147456, 12288, 0.7807443, None, None),
    "goofspiel 3": (DESCENDING | {"cards": 3}, 67, 31, 8, 0.6666667, None, None),
    "goofspiel 4": (
        {"cards": 4, "order": "descending", "hidden": True},
        1077,
        501,
        81,
        0.7083333,
        None,
        None,
    ),
}
"""Options, histories, those with a decision, information sets of a player, exploitability of uniform play,
best responses, and what player 0 earns: OpenSpiel 2.0.2's."""


@pytest.mark.parametrize("name", KNOWN)
def test_known_figures(name):
    options, histories, decisions, infosets, uniformly, best, value = KNOWN[name]
    game = form(name.split()[0], **options)
    assert game.tree.num_histories == histories
    assert game.tree.decides.sum() == decisions
    assert [t.num_infosets for t in game.treeplexes] == [infosets, infosets]
    found = exploitability(game, uniform(game))
    assert found.exploitability == pytest.approx(uniformly, abs=1e-6)
    assert found.nash_conv == pytest.approx(2 * found.exploitability)
    if best is not None:
        np.testing.assert_allclose(found.best_responses, best, atol=1e-6)
        np.testing.assert_allclose(found.values, [value, -value], atol=1e-6)


def test_three_players():
    game = form("kuhn_poker", players=3)
    found = exploitability(game, uniform(game))
    assert found.exploitability == pytest.approx(0.6875, abs=1e-9)
    np.testing.assert_allclose(found.best_responses, [0.78125, 0.6458333, 0.6354167], atol=1e-6)


def test_perfect_information_as_a_tree():
    """The tree of tic-tac-toe gives what its graph of positions gives."""
    game = make("tic_tac_toe")
    form = sequence_form(game)
    assert form.tree.num_histories == 549_946
    found = exploitability(form, uniform(form))
    assert found.exploitability == pytest.approx(0.9598297, abs=1e-6)
    np.testing.assert_allclose(found.best_responses, [0.9947917, 0.9248677], atol=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.2, 1 / 3])
def test_equilibria_of_kuhn_poker(alpha):
    """The family of Kuhn's equilibria, by the rules of the game, gives nothing away."""
    game = form("kuhn_poker")

    def bets(states):
        player, bets = states.current_player, states.plies
        card = jnp.take_along_axis(states.cards.astype(jnp.int32), player[:, None], axis=1)[:, 0]
        opening = jnp.stack([alpha + 0 * card, 0.0 * card, 3 * alpha + 0 * card])
        answer = jnp.stack([0.0 * card, alpha + 1 / 3 + 0 * card, 1.0 + 0 * card])
        second = jnp.where(
            states.bets[:, 0],
            jnp.stack([0.0 * card, 1 / 3 + 0 * card, 1.0 + 0 * card]),
            jnp.stack([1 / 3 + 0 * card, 0.0 * card, 1.0 + 0 * card]),
        )
        table = jnp.where(bets == 0, opening, jnp.where(bets == 1, second, answer))
        return jnp.take_along_axis(table, card[None], axis=0)[0]

    def policy(states):
        bet = bets(states)
        return jnp.stack([1 - bet, bet], axis=1)

    found = exploitability(game, policy)
    assert abs(found.exploitability) < 1e-6
    np.testing.assert_allclose(found.values, [-1 / 18, 1 / 18], atol=1e-6)


def test_always_the_first_action():
    for name in ("kuhn_poker", "leduc_poker"):
        game = form(name)
        first = np.cumsum(game.tree.legal, axis=1) * game.tree.legal == 1
        assert exploitability(game, first.astype(float)).nash_conv == pytest.approx(2.0)


def test_many_policies_at_once():
    """`vmap` over tables gives what each gives by itself, in single precision too."""
    game = form("leduc_poker")
    tables = np.stack([random_table(game, seed) for seed in range(5)]).astype(np.float32)
    together = jax.jit(jax.vmap(lambda table: behaviour.gaps(game, table)))(tables)
    for table, found in zip(tables, together.exploitability, strict=True):
        assert found == pytest.approx(exploitability(game, table).exploitability, abs=1e-5)


def test_a_best_response_earns_what_is_said():
    game = form("leduc_poker")
    table = jnp.asarray(random_table(game, 1), jnp.float32)
    found = behaviour.gaps(game, table)
    for player in range(2):
        answer = behaviour.respond(game, table, player)
        earned = behaviour.gaps(game, answer).values[player]
        assert float(earned) == pytest.approx(float(found.best_responses[player]), rel=1e-5)
        others = game.tree.owner != player
        np.testing.assert_array_equal(answer[others], table[others])


def test_reach_and_split():
    game = form("leduc_poker")
    table = jnp.asarray(random_table(game, 2), jnp.float32)
    np.testing.assert_allclose(game.table(game.split(table)), table, atol=1e-7)
    reach = behaviour.reach(game, table)
    ends = np.asarray(reach.histories)[game.tree.terminated]
    assert ends.sum() == pytest.approx(1.0, abs=1e-5)
    decided = np.asarray(reach.histories)[game.tree.decides].sum()
    assert float(reach.infosets.sum()) == pytest.approx(decided, abs=1e-4)
    value = (np.asarray(reach.histories)[:, None] * game.tree.rewards).sum(axis=0)
    np.testing.assert_allclose(value, behaviour.gaps(game, table).values, atol=1e-5)


def test_a_mixture_plays_like_its_mean_plan():
    game = form("kuhn_poker")
    one, other = random_table(game, 3), random_table(game, 4)
    alone = mixture_exploitability(game, [one], [2.0])
    assert alone.exploitability == pytest.approx(exploitability(game, one).exploitability)
    mixed = mixture_exploitability(game, [one, other], [0.5, 0.5])
    plans = behaviour.mixture(game, jnp.stack([one, other]), jnp.array([0.5, 0.5]))
    mean = behaviour.table_of_plans(game, plans)
    of_mean = float(behaviour.gaps(game, mean).exploitability)
    assert of_mean == pytest.approx(mixed.exploitability, abs=1e-5)


def test_values_and_responses_need_a_graph():
    """Both speak of positions, which hidden information does not have one by one."""
    for ask in (policy_values, lambda game, policy: best_response(game, policy, 0)):
        with pytest.raises(UserError, match="hides information"):
            ask(make("kuhn_poker"), uniform(form("kuhn_poker")))
    with pytest.raises(UserError, match="hides information"):
        reachable(make("kuhn_poker"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[:3], r"shape \(3, 3\); allowed: \(936, 3\)"),
        (lambda table: table * 2, "no distribution at 936 of 936 information sets"),
        (lambda table: np.where(np.arange(936)[:, None] == 7, np.nan, table), "at 1 of 936 .* number 7: nan"),
        (lambda table: np.where(np.arange(3) == 2, -table, table), "no distribution"),
    ],
)
def test_policies_that_are_none_are_refused(change, message):
    game = form("leduc_poker")
    with pytest.raises(UserError, match=message):
        exploitability(game, change(uniform(game)))


def test_a_game_too_large_is_refused_with_its_size():
    with pytest.raises(UserError, match=r"too many histories: about \de\+\d+; allowed: 3000000"):
        game_tree(make("phantom_tic_tac_toe"))
    with pytest.raises(UserError, match=r"more than 100 histories \(max_histories\)"):
        game_tree(make("liars_dice", sides=2), max_histories=100)


def test_no_matter_how_it_is_laid_out(monkeypatch):
    """Blocks by width, sums by scatters, a column for each payment: the same figures."""
    game = form("leduc_poker")
    table = random_table(game, 5)
    expected = exploitability(game, table)
    for module, name, value in (
        (_build_treeplex, "SMALL", 1),
        (_ends, "MOST_PADDING", 0),
        (_sums, "MOST_PADDING", 0),
    ):
        monkeypatch.setattr(module, name, value)
        laid_out = sequence_form(game.tree)
        found = exploitability(laid_out, table)
        assert found.exploitability == pytest.approx(expected.exploitability, abs=1e-12)
        np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    assert len(laid_out.treeplexes[0].blocks) > len(game.treeplexes[0].blocks)
    assert laid_out.ends[0].weights.shape[1] == 1 < game.ends[0].weights.shape[1]
    assert any(level.below.row is not None for level in laid_out.treeplexes[0].levels)
