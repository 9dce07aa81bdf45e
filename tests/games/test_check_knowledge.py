"""`check_game` on hidden information: sound games pass, and every kind of leak and amnesia is caught."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from jaxplay.game import CHANCE, GameDefaults, make
from jaxplay.games.liars_dice import DiceState, LiarsDice
from jaxplay.struct import pytree, replace, static
from jaxplay.testing import GameLawError, check_game, replay
from jaxplay.testing.knowledge import estimated_histories
from jaxplay.testing.play import timed_play
from jaxplay.testing.tree import histories

PLIES = 512


@pytree
class PeekState:
    """Position of `Peek`: the coin and the three calls, -1 where they are to come."""

    current_player: Array
    legal_action_mask: Array
    rewards: Array
    terminated: Array
    events: Array


@dataclass(frozen=True)
class Peek(GameDefaults):
    """Player 0 looks at a coin; then it, player 1 and it again call a side.

    A player 1 who calls tails (1) leaves player 0 no choice but tails. Player 1 wins if it is right.
    """

    num_actions = 2
    num_chance_outcomes = 2
    max_plies = 3
    perfect_information = False

    def chance_probs(self, state: PeekState) -> Array:
        return jnp.full(2, 0.5, jnp.float32)

    def init(self, key: Array) -> PeekState:
        mask, rewards = jnp.ones(2, jnp.bool_), jnp.zeros(2, jnp.float32)
        events = jnp.full(4, -1, jnp.int8)
        return PeekState(jnp.int32(CHANCE), mask, rewards, jnp.bool_(False), events)

    def step(self, state: PeekState, action: Array) -> PeekState:
        count = (state.events >= 0).sum()
        events = jnp.where(np.arange(4) == count, action.astype(jnp.int8), state.events)
        over = count == 3
        forced = (count == 2) & (action == 1)
        gain = jnp.where(over, jnp.where(events[2] == events[0], jnp.float32(1), jnp.float32(-1)), 0)
        return PeekState(
            current_player=jnp.asarray(np.array([0, 1, 0, 0], np.int32))[count],
            legal_action_mask=jnp.stack([~forced | over, jnp.bool_(True)]),
            rewards=jnp.stack([-gain, gain]),
            terminated=over,
            events=events,
        )

    def observe(self, state: PeekState, player: Array | None = None) -> Array:
        player = state.current_player if player is None else player
        coin = jnp.where(player == 0, state.events[0], jnp.int8(-1)).astype(jnp.int32)
        seen = jnp.concatenate([player[None], coin[None], state.events[1:].astype(jnp.int32)])
        return self.distorted(seen).astype(jnp.float32)

    def distorted(self, seen: Array) -> Array:
        """What a faulty game makes of seat, own coin and calls."""
        return seen

    def render(self, state: PeekState, player: int | None = None) -> str:
        coin, *calls = np.asarray(state.events).tolist()
        return f"coin {coin if player in (None, 0) else '?'}, calls {calls}"


def test_a_sound_game_passes():
    report = check_game(Peek(), num_plies=PLIES)
    tree = histories(Peek())
    assert tree is not None
    assert report.histories == len(tree.parent) == 1 + 2 + 4 + 8 + 12
    assert report.information_states == 2 + 2 + 2 * 2 * 2


def test_every_history_can_be_replayed():
    tree = histories(Peek())
    assert tree is not None
    for number in range(len(tree.parent)):
        events = replay(Peek(), 0, tree.moves(number)).events
        np.testing.assert_array_equal(tree.states.events[number], events)
    assert histories(Peek(), max_histories=20) is None


def test_the_estimate_of_the_number_of_histories():
    for game, size in ((Peek(), 27), (make("kuhn_poker"), 58), (make("leduc_poker"), 9457)):
        moves, _ = timed_play(game, 128, seed=0)
        assert size / 1.3 < estimated_histories(moves) < size * 1.3


def faulty(distort: Any = None, **changes: Any) -> Any:
    """A game of a class like `Peek` whose observations are distorted."""
    if distort is not None:
        changes["distorted"] = lambda self, seen: distort(seen)
    return dataclass(frozen=True)(type("Faulty", (Peek,), changes))()


def without(*entries: int) -> Any:
    """Observations without some entries: 0 the seat, 1 the coin, 2 to 4 the calls."""
    return lambda seen: seen.at[np.array(entries)].set(7)


def shown(self: Peek, state: PeekState, player: int | None = None) -> str:
    return Peek.render(self, state)


BROKEN = {
    "law 9: an observation tells who observes": faulty(lambda seen: jnp.maximum(seen, 0) * 0),
    "law 9: what looks the same has the same legal actions": faulty(
        lambda seen: seen.at[3].set(jnp.where(seen[0] == 0, 7, seen[3]))
    ),
    "law 9: an observation holds what its player has seen and done": faulty(without(2)),
    "law 9: render shows player 1 no more than it may know": faulty(render=shown),
    "law 9: render_svg shows player 1 no more": faulty(
        render_svg=lambda self, state, player=None: GameDefaults.render_svg(self, state)
    ),
}
"""Message to game."""


@pytest.mark.parametrize("message", BROKEN)
def test_a_fault_is_caught(message: str):
    with pytest.raises(GameLawError, match=message):
        check_game(BROKEN[message], num_plies=PLIES)
    if "shows" not in message:
        check_game(BROKEN[message], num_plies=PLIES, may_forget=True)


def test_forgetting_the_coin_is_caught():
    """Player 0 sees the coin at its first call only."""
    with pytest.raises(GameLawError, match="law 9: an observation holds what"):
        check_game(faulty(lambda seen: seen.at[1].set(jnp.where(seen[2] >= 0, 0, seen[1]))), num_plies=PLIES)


def out_of_turn(self: Peek, state: PeekState, player: Array | None = None) -> Array:
    """Nothing is seen while others are to move."""
    seen = Peek.observe(self, state, player)
    return seen if player is None else jnp.where(player == state.current_player, seen, seen * 0)


def shown_out_of_turn(self: Peek, state: PeekState, player: int | None = None) -> str:
    return Peek.render(self, state, None if player == 1 and state.current_player == 0 else player)


OUT_OF_TURN = {
    "law 9: an observation holds what its player has seen and done": faulty(observe=out_of_turn),
    "law 9: render shows player 1 no more than it may know": faulty(render=shown_out_of_turn),
}
"""Message to game whose fault shows only to those who are not to move."""


@pytest.mark.parametrize("message", OUT_OF_TURN)
def test_what_is_seen_out_of_turn_is_judged(message: str):
    with pytest.raises(GameLawError, match=message):
        check_game(OUT_OF_TURN[message], num_plies=PLIES)


def leaking(self: Peek, state: PeekState, player: Array | None = None) -> Array:
    """Everybody sees the coin."""
    return Peek.observe(self, state, player).at[1].set(state.events[0].astype(jnp.float32))


SECRETS = {
    "shows what is hidden": faulty(observe=leaking),
    "hides what was seen": faulty(render=lambda self, state, player=None: f"seat {player}"),
    "a player sees less than another": faulty(perfect_information=True),
}
"""Message to game that says or shows something else than it lets players know."""


@pytest.mark.parametrize("message", SECRETS)
def test_what_is_observed_is_what_is_shown(message: str):
    with pytest.raises(GameLawError, match=f"law 9: .*{message}"):
        check_game(SECRETS[message], num_plies=PLIES)


def test_what_everybody_sees_is_not_hidden():
    """Observations and pictures agree, and yet it is odd."""
    game = faulty(observe=leaking, render=lambda self, state, player=None: Peek.render(self, state))
    (oddity,) = check_game(game, num_plies=PLIES).oddities
    assert oddity == "perfect_information is False; everybody observed all that others did and chance dealt"
    assert check_game(Peek(), num_plies=PLIES).oddities == ()


def dice_of_others(self: LiarsDice, state: DiceState, player: Array | None = None) -> Array:
    return jnp.append(LiarsDice.observe(self, state, player), state.dice[1, :10].sum().astype(jnp.float32))


MANY_DICE = {
    "shows what is hidden": {"observe": dice_of_others},
    "a player sees less than another": {"perfect_information": True},
}


@pytest.mark.parametrize("message", MANY_DICE)
def test_secrets_of_large_games_are_kept(message: str):
    """Nobody has the same dice twice in so few games, and no list of all histories is made."""
    game = dataclass(frozen=True)(type("Open", (LiarsDice,), MANY_DICE[message]))(dice=4, sides=20)
    with pytest.raises(GameLawError, match=f"law 9: .*{message}"):
        check_game(game, num_plies=PLIES)


def test_the_message_shows_both_histories():
    with pytest.raises(GameLawError) as caught:
        check_game(faulty(without(2)), num_plies=PLIES)
    calls = str(caught.value).partition("; see ")[2].split(" and ")
    one, other = (eval(call, {"jaxplay": Modules, "Faulty": Peek}) for call in calls)
    assert (one.events[2:] == other.events[2:]).all() and one.events[1] != other.events[1]


class Modules:
    """What the text of a call names."""

    class testing:  # noqa: N801
        replay = staticmethod(replay)


def test_pgx_kuhn_poker_does_not_tell_who_observes():
    with pytest.raises(GameLawError, match="law 9: an observation tells who observes"):
        check_game(make("pgx:kuhn_poker"), num_plies=PLIES)


def test_a_short_memory_is_caught_and_may_be_allowed():
    game = make("matrix_game", table="chicken", rounds=4, memory=1)
    with pytest.raises(GameLawError, match="law 9: an observation holds what"):
        check_game(game, num_plies=PLIES)
    assert check_game(game, num_plies=PLIES, may_forget=True).histories is None


@pytree
class CountedState(PeekState):
    """Counts the moves in the type of the state, so that `step` is compiled for every move."""

    count: int = static(default=0)


def test_a_state_whose_type_changes_is_caught():
    def init(self: Peek, key: Array) -> CountedState:
        first = Peek.init(self, key)
        return CountedState(*(getattr(first, name) for name in PeekState.__dataclass_fields__))

    def step(self: Peek, state: CountedState, action: Array) -> CountedState:
        after = Peek.step(self, state, action)
        fields = {name: getattr(after, name) for name in PeekState.__dataclass_fields__}
        return replace(state, **fields, count=state.count + 1)

    with pytest.raises(GameLawError, match="step changes a static field of the state"):
        check_game(faulty(init=init, step=step), num_plies=PLIES)
