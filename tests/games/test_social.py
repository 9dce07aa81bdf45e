"""Social dilemmas and markets: rules of a game by hand, what is hidden, and what theory says of them."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxplay.errors import UserError
from jaxplay.game import CHANCE, make
from jaxplay.games.coin_dilemma import CoinDilemma
from jaxplay.games.congestion_game import CongestionGame
from jaxplay.games.donor_game import GIVE, KEEP, PUNISH, DonorGame
from jaxplay.games.first_price_auction import FirstPriceAuction
from jaxplay.games.off_switch import ACT, OFF, WAIT, OffSwitch
from jaxplay.testing import replay

UP, DOWN, LEFT, RIGHT = range(4)


class TestCoinDilemma:
    game = CoinDilemma(rounds=3)
    start = (0, 8)
    """A at the top left, B at the bottom right."""

    @pytest.mark.parametrize(("coin", "moves", "paid"), [
        (1, (RIGHT, LEFT), (1, 0)),  # A takes its own
        (9 + 1, (RIGHT, LEFT), (1, -2)),  # A takes B's
        (7, (RIGHT, LEFT), (-2, 1)),
        (9 + 7, (RIGHT, LEFT), (0, 1)),
        (2, (LEFT, UP), (1, 0)),  # over the left edge
        (2, (DOWN, UP), (0, 0)),
        (6, (UP, RIGHT), (-1, 1)),  # both come to A's coin, over the edges
    ])  # fmt: skip
    def test_coins(self, coin: int, moves: tuple[int, int], paid: tuple[int, int]):
        state = replay(self.game, 0, [*self.start, coin, *moves])
        assert state.rewards.tolist() == list(paid)
        assert (state.current_player == CHANCE) == any(paid)

    def test_moves_are_hidden_until_both_are_made(self):
        one, other = (replay(self.game, 0, [*self.start, 4, move]) for move in (UP, DOWN))
        second = jnp.int32(1)
        assert (self.game.observe(one, second) == self.game.observe(other, second)).all()
        assert self.game.render(one, 1) == self.game.render(other, 1) != self.game.render(one, 0)

    def test_players_see_the_same_from_their_own_side(self):
        """With seats, colours and moves exchanged B observes what A did."""
        one = replay(self.game, 0, [0, 8, 4, DOWN, LEFT, RIGHT, UP])
        other = replay(self.game, 0, [8, 0, 9 + 4, LEFT, DOWN, UP, RIGHT])
        mine, theirs = (self.game.observe(s, jnp.int32(i))[2:] for s, i in ((one, 0), (other, 1)))
        np.testing.assert_array_equal(mine, theirs)

    def test_memory(self):
        with pytest.raises(UserError, match="memory=4; allowed: 0 to 3"):
            make("coin_dilemma", rounds=3, memory=4)


class TestDonorGame:
    game = DonorGame(players=3, turns=2)

    def test_reputations(self):
        """A gives to B; B keeps from A: bad; C, who sees that, punishes B and stays good; A keeps from C."""
        seen_b = 3 + 1
        state = replay(self.game, 0, [1, GIVE, 0, KEEP, seen_b, PUNISH, 2, KEEP])
        assert state.good.tolist() == [False, False, True]
        assert state.shown.tolist()[:4] == [-1, -1, 0, -1]
        image = replay(DonorGame(players=3, turns=2, norm="image"), 0, [1, GIVE, 0, KEEP, seen_b, PUNISH])
        assert image.good.tolist() == [True, False, False]

    def test_payoffs(self):
        assert replay(self.game, 0, [1, GIVE]).rewards.tolist() == [-1, 3, 0]
        assert replay(self.game, 0, [1, KEEP]).rewards.tolist() == [0, 0, 0]
        assert replay(self.game, 0, [2, PUNISH]).rewards.tolist() == [-1, 0, -2]
        assert make("donor_game", punishment=False).num_actions == 2

    def test_reputations_are_seen_with_the_probability_known(self):
        probs = np.asarray(self.game.chance_probs(self.game.init(jax.random.key(0))))
        np.testing.assert_allclose(probs, [0, 0.25, 0.25, 0, 0.25, 0.25])
        sure = DonorGame(players=3, known=1.0)
        np.testing.assert_allclose(sure.chance_probs(sure.init(jax.random.key(0))), [0, 0, 0, 0, 0.5, 0.5])

    def test_who_gave_is_hidden(self):
        """A gives to C, or B does: C knows only that it got a gift, and in which round."""
        one, other = replay(self.game, 0, [1, GIVE, 0, GIVE]), replay(self.game, 0, [1, KEEP, 0, PUNISH])
        third = jnp.int32(2)
        np.testing.assert_array_equal(self.game.observe(one, third), self.game.observe(other, third))


class TestCongestionGame:
    def test_shares(self):
        game = CongestionGame(players=3, worth="6;4;1", rounds=1)
        assert replay(game, 0, [0, 0, 0]).rewards.tolist() == [2, 2, 2]
        assert replay(game, 0, [0, 0, 1]).rewards.tolist() == [3, 3, 4]
        two = CongestionGame(players=3, worth="6;4;1", places=2, rounds=1)
        assert replay(two, 0, [0, 0, 0]).rewards.tolist() == [4, 4, 4]
        assert replay(two, 0, [0, 0, 2]).rewards.tolist() == [6, 6, 1]

    def test_counts_are_shown_after_the_round(self):
        game = CongestionGame(players=2, worth="3;2", rounds=2)
        one, other = replay(game, 0, [0]), replay(game, 0, [1])
        second = jnp.int32(1)
        np.testing.assert_array_equal(game.observe(one, second), game.observe(other, second))
        assert "round 1: a1 b1" in game.render(replay(game, 0, [0, 1]), 1)

    def test_options(self):
        with pytest.raises(UserError, match="congestion_game: 1 resources; allowed: 2 to 26"):
            make("congestion_game", worth="3")


class TestFirstPriceAuction:
    game = FirstPriceAuction(sales=2, values=4, budget=3)

    def test_a_game(self):
        """A values 4 and bids 2, B 3 and bids 1; then both bid 1, of which A has no more than that left."""
        state = replay(self.game, 0, [3, 2, 2, 1])
        assert state.rewards.tolist() == [2, 0] and state.winners.tolist() == [0, -1]
        state = replay(self.game, 0, [3, 2, 2, 1, 0, 3])
        assert state.legal_action_mask.tolist() == [True, True, False, False, False]
        state = replay(self.game, 0, [3, 2, 2, 1, 0, 3, 1, 1])
        assert state.current_player == CHANCE and not state.terminated
        np.testing.assert_allclose(self.game.chance_probs(state)[:2], 0.5)
        over = replay(self.game, 0, [3, 2, 2, 1, 0, 3, 1, 1, 1])
        assert over.terminated and over.rewards.tolist() == [0, 3]

    def test_lower_bids_stay_hidden(self):
        one, other = (replay(self.game, 0, [3, 2, 2, bid, 0, 3]) for bid in (0, 1))
        first = jnp.int32(0)
        np.testing.assert_array_equal(self.game.observe(one, first), self.game.observe(other, first))
        assert (self.game.observe(one, jnp.int32(1)) != self.game.observe(other, jnp.int32(1))).any()

    def test_bounds(self):
        assert (self.game.min_return, self.game.max_return) == (-2, 8)


def exact(game: Any, machine: int) -> float:
    """What a game is worth to both if the machine does this, and the human what is best for both."""

    def value(moves: list[int]) -> float:
        state = replay(game, 0, moves)
        if state.terminated:
            return float(state.rewards[0])
        edges = np.flatnonzero(state.legal_action_mask)
        if state.current_player == 0:
            return value([*moves, machine])
        worth = [value([*moves, int(edge)]) for edge in edges]
        probs = np.asarray(game.chance_probs(state))[edges]
        return float(probs @ worth) if state.current_player == CHANCE else max(worth)

    return value([])


class TestOffSwitch:
    @pytest.mark.parametrize("options", [
        {},
        {"utilities": "-3;0.5;2", "weights": "0.2;0.5;0.3"},
        {"error": 0.3},
    ])  # fmt: skip
    def test_what_waiting_is_worth(self, options: dict[str, Any]):
        """E max(U, 0) - max(E U, 0), less what a human's errors cost."""
        game = OffSwitch(**options)
        amounts, prior, error = game.amounts.astype(float), game.prior.astype(float), game.error
        gains = np.maximum((1 - error) * amounts, error * amounts)
        waiting = exact(game, WAIT) - max(exact(game, ACT), exact(game, OFF))
        assert waiting == pytest.approx(prior @ gains - max(prior @ amounts, 0), abs=1e-6)
        assert exact(game, OFF) == 0 and exact(game, ACT) == pytest.approx(prior @ amounts, abs=1e-6)

    def test_the_machine_does_not_know_what_is_good(self):
        game = OffSwitch()
        good, bad = (replay(game, 0, [utility]) for utility in (3, 0))
        for player, same in ((0, True), (1, False)):
            seen = [game.observe(state, jnp.int32(player)) for state in (good, bad)]
            assert bool((seen[0] == seen[1]).all()) == same

    def test_options(self):
        with pytest.raises(UserError, match="weights='-1;1;1;1'; allowed: from 0, not all of them 0"):
            OffSwitch(weights="-1;1;1;1")
        with pytest.raises(UserError, match="weights='1;1'; allowed: 4 numbers"):
            OffSwitch(weights="1;1")


def test_a_pure_equilibrium_of_a_congestion_game_always_exists():
    """Over all picks of three players on random resources some leave nobody a gain."""
    random = np.random.RandomState(0)
    for _ in range(10):
        game = CongestionGame(players=3, worth=";".join(f"{x:.3f}" for x in random.uniform(1, 9, 3)))
        stable = []
        for picks in itertools.product(range(3), repeat=3):
            counts = np.bincount(picks, minlength=3)
            gains = [
                game.shares[k, counts[k] + 1] - game.shares[pick, counts[pick]]
                for pick in picks
                for k in range(3)
                if k != pick
            ]
            stable.append(max(gains) <= 0)
        assert any(stable)
