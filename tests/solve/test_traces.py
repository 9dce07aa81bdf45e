"""Games by their traces: the same figures as from the tree of histories, and what has no traces."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import TooLargeError, UserError
from jaxplay.exploit import exact_exploitability
from jaxplay.game import make
from jaxplay.games.dark_hex import DarkHex
from jaxplay.solve import exploitability, form_of, sequence_form, size_by_traces, trace_form
from jaxplay.solve._expand import seen
from jaxplay.solve.table import joined

GAMES = {"classical": DarkHex(rows=2, columns=2), "abrupt": DarkHex(rows=2, columns=2, abrupt=True)}


@pytest.fixture(scope="module", params=GAMES)
def forms(request: Any):
    """The game by its histories and by its traces, and where the information sets of these are in those."""
    game = GAMES[request.param]
    tree, traces = sequence_form(game), trace_form(game)
    hashes = joined(np.asarray(jax.jit(lambda states: seen(game, states))(traces.tree.states)))
    order = np.argsort(tree.tree.hashes)
    return tree, traces, order[np.searchsorted(tree.tree.hashes[order], hashes)], hashes


def test_the_information_sets_are_those_of_the_tree(forms: Any):
    tree, traces, place, hashes = forms
    assert sorted(hashes.tolist()) == sorted(tree.tree.hashes.tolist())
    assert (tree.tree.legal[place] == traces.tree.legal).all()
    assert (tree.tree.owner[place] == traces.tree.owner).all()


@pytest.mark.parametrize("seed", range(3))
def test_any_policy_gives_away_the_same(forms: Any, seed: int):
    tree, traces, place, _ = forms
    table = np.random.default_rng(seed).exponential(size=tree.tree.legal.shape) * tree.tree.legal
    table[np.random.default_rng(seed + 9).random(table.shape) < 0.3] = 0.0
    table = np.where(table.sum(axis=1, keepdims=True) > 0, table, tree.tree.legal)
    table /= table.sum(axis=1, keepdims=True)
    expected, found = exploitability(tree, table), exploitability(traces, table[place])
    np.testing.assert_allclose(found.best_responses, expected.best_responses, atol=1e-12)
    np.testing.assert_allclose(found.values, expected.values, atol=1e-12)
    assert found.exploitability == pytest.approx(expected.exploitability, abs=1e-12)


def test_a_function_of_states_is_asked(forms: Any):
    """What a network is: here, one that plays later cells more, and less so the more it has tried."""
    tree, traces, _, _ = forms

    def policy(states: Any):
        orders = jax.vmap(traces.game.observe)(states)[..., 3].reshape(-1, 4)
        weights = np.arange(4)[None] + 1 + orders.sum(axis=1, keepdims=True)
        weights = jnp.where(states.legal_action_mask, weights, 0)
        return weights / weights.sum(axis=1, keepdims=True)

    assert exploitability(traces, policy).nash_conv == pytest.approx(exploitability(tree, policy).nash_conv)


def test_the_estimate_counts_views(forms: Any):
    _, traces, _, _ = forms
    assert 0.95 < size_by_traces(traces.game).views / traces.num_views < 1.25


def test_a_player_is_measured_by_traces_where_the_tree_is_too_large(monkeypatch: Any):
    game, sizes = GAMES["classical"], []

    def refuse(game: Any, folder: Any):
        raise TooLargeError("too many histories")

    monkeypatch.setattr("jaxplay.exploit.exact.cached_tree", refuse)
    found = exact_exploitability("random", game, on_size=sizes.append)[1]
    assert found.nash_conv == pytest.approx(1.25) and "GiB" in str(sizes[0])
    with pytest.raises(TooLargeError, match="too many histories"):
        exact_exploitability("random", make("kuhn_poker"))


def test_what_has_no_traces_is_refused():
    with pytest.raises(UserError, match="no forget and remind"):
        trace_form(make("kuhn_poker"))
    with pytest.raises(TooLargeError, match=r"about \de\+\d+ views, which take .* allowed: 400000000 views"):
        form_of(DarkHex(rows=5, columns=5))
    with pytest.raises(TooLargeError, match=r"more than 200 views \(max_views\)"):
        trace_form(GAMES["classical"], max_views=200)
