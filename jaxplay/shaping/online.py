"""Players of a repeated game who learn while it is played, from what they see: one life, round by round."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.shaping.rounds import Repeated


class Seen(NamedTuple):
    """A round as a player sees it.

    Attributes:
        state: `()` int32: the state before it, in the player's frame.
        own: `()` int32: the player's action.
        other: `()` int32: the other's action.
        reward: `()` float32: what the player got.
        after: `()` int32: the state after it.
    """

    state: Array
    own: Array
    other: Array
    reward: Array
    after: Array


class OnlinePlayer(NamedTuple):
    """A player who learns.

    Attributes:
        init: gives its memory at first.
        policy: `memory -> (S, A)` float32: how it would choose in each state.
        observe: `(memory, Seen) -> memory`: learns from a round.
    """

    init: Callable[[], Any]
    policy: Callable[[Any], Array]
    observe: Callable[[Any, Seen], Any]


def actor_critic(game: Repeated, rate: float = 1.0, value_rate: float = 0.3) -> OnlinePlayer:
    """Plain policy gradient: one step a round along the temporal difference, with a table of values.

    Args:
        game: with the player as player 0.
        rate: the length of a step of the policy, in logits for each point.
        value_rate: the share of an error by which a value changes.
    """

    def init() -> tuple[Array, Array]:
        return jnp.zeros((game.num_states, game.num_actions)), jnp.zeros(game.num_states)

    def observe(memory: tuple[Array, Array], seen: Seen) -> tuple[Array, Array]:
        logits, values = memory
        error = seen.reward + game.discount * values[seen.after] - values[seen.state]
        chosen = jax.nn.one_hot(seen.own, game.num_actions) - jax.nn.softmax(logits[seen.state])
        return logits.at[seen.state].add(rate * error * chosen), values.at[seen.state].add(value_rate * error)

    return OnlinePlayer(init, lambda memory: jax.nn.softmax(memory[0]), observe)


def live(game: Repeated, player: OnlinePlayer, opponent: Array, key: Array, num_rounds: int) -> Array:
    """`(num_rounds, 2)` float32: what a player who learns and a scripted opponent get in each round.

    Args:
        game: with the player who learns as player 0.
        player: who learns.
        opponent: `(S, A)` policy in the opponent's own frame.
        key: of everybody's choices.
        num_rounds: the length of the life.
    """

    def round_(carry: tuple[Any, Array, Array], key: Array) -> tuple[tuple[Any, Array, Array], Array]:
        memory, mine, theirs = carry
        keys = jax.random.split(key)
        own = jax.random.categorical(keys[0], jnp.log(player.policy(memory)[mine]))
        other = jax.random.categorical(keys[1], jnp.log(opponent[theirs]))
        after = 1 + own * game.num_actions + other
        paid = game.payoffs[own, other]
        memory = player.observe(memory, Seen(mine, own, other, paid[0], after))
        return (memory, after, 1 + other * game.num_actions + own), paid

    start = player.init(), jnp.int32(0), jnp.int32(0)
    return jax.lax.scan(round_, start, jax.random.split(key, num_rounds))[1]
