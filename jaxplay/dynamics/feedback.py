"""What players are told after a round: exact gains, noisy ones, late ones, or their own return alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.dynamics.table import Plans, Policies, Table
from jaxplay.errors import UserError


class Gradient(NamedTuple):
    """What arrived of a player's gains.

    Attributes:
        gains: `(1 + S,)`, the sum of all gains that arrived after this round.
        newest: `(1 + S,)`, the gains of the latest round of which a player knows.
        rounds: `(M,)` bool, which rounds they are of: round t has place `t % M`; M is 1 without delay.
        each: `(M, 1 + S)`, the gains of each; of no meaning where not in `rounds`.
        pending: `()` int32, rounds whose gains have not arrived.
    """

    gains: Array
    newest: Array
    rounds: Array
    each: Array
    pending: Array


class Sampled(NamedTuple):
    """What a player saw of one play (bandit feedback).

    Attributes:
        sequence: `()` int32, its own last decision, see `jaxplay.dynamics.Episode`.
        loss: `()`, from 0 for the greatest return of the game to 1 for the least.
    """

    sequence: Array
    loss: Array


class Feedback(NamedTuple):
    """Pure functions.

    Attributes:
        init: `table, dtype -> memory`.
        observe: `table, memory, policies, plans, round () int32, key -> (signals, memory)`, a signal for each
            player.
    """

    init: Callable[[Any, Any], Any]
    observe: Callable[[Any, Any, Policies, Plans, Array, Array], tuple[tuple[Any, ...], Any]]


def exact() -> Feedback:
    """Everybody is told what each of its decisions earned, in expectation: `Gradient`."""
    return noisy(additive=0.0, multiplicative=0.0)


def noisy(*, additive: float = 0.0, multiplicative: float = 0.0) -> Feedback:
    """As `exact`, with normal noise in each number: `Gradient`.

    Args:
        additive: the standard deviation of noise that is added.
        multiplicative: the standard deviation of a factor around 1: noise that vanishes with the gains.

    Raises:
        UserError: a number is negative.
    """
    if additive < 0 or multiplicative < 0:
        raise UserError(
            f"noisy: additive={additive}, multiplicative={multiplicative}; allowed: both at least 0"
        )

    def observe(
        table: Table, memory: Any, policies: Policies, plans: Plans, number: Array, key: Array
    ) -> tuple[tuple[Gradient, ...], Any]:
        signals = []
        for player in range(len(plans)):
            gains = table.gains(player, plans)
            if additive or multiplicative:
                factor, term = jax.random.normal(
                    jax.random.fold_in(key, player), (2, *gains.shape), gains.dtype
                )
                gains = gains * (1 + multiplicative * factor) + additive * term
            signals.append(Gradient(gains, gains, jnp.ones(1, bool), gains[None], jnp.int32(0)))
        return tuple(signals), memory

    return Feedback(lambda table, dtype: (), observe)


def bandit() -> Feedback:
    """All moves are sampled, and everybody sees its own moves and its own return: `Sampled`."""

    def observe(
        table: Table, memory: Any, policies: Policies, plans: Plans, number: Array, key: Array
    ) -> tuple[tuple[Sampled, ...], Any]:
        episode, (low, high) = table.sample(policies, key), table.bounds
        losses = (high - episode.returns) / (high - low)
        pairs = [Sampled(episode.sequences[i], losses[i]) for i in range(len(policies))]
        return tuple(pairs), memory

    return Feedback(lambda table, dtype: (), observe)


class _Ring(NamedTuple):
    """Gains on their way to one player.

    Attributes:
        each: `(M, 1 + S)`, by the place of their round.
        due: `(M,)` int32, the round after which they arrive; -1 where there are none.
        number: `(M,)` int32, the round that they are of.
        newest: `(1 + S,)`, of the latest round that has arrived.
        newest_number: `()` int32, that round; -1 before any.
    """

    each: Array
    due: Array
    number: Array
    newest: Array
    newest_number: Array


def delayed(least: int, most: int | None = None) -> Feedback:
    """Exact gains that come late: `Gradient`.

    Each player's gains of a round arrive after a number of further rounds that is drawn for it alone.

    Args:
        least: the shortest delay, in rounds.
        most: the longest one; None: all are the same.

    Raises:
        UserError: a delay is negative, or the longest is shorter than the shortest.
    """
    longest = least if most is None else most
    if least < 0 or longest < least:
        raise UserError(f"delayed: least={least}, most={most}; allowed: 0 <= least <= most")
    size = longest + 1

    def init(table: Table, dtype: Any) -> tuple[_Ring, ...]:
        zeros = [jnp.zeros_like(space.plan(space.first(dtype))) for space in table.spaces]
        none = jnp.full(size, -1, jnp.int32)
        return tuple(_Ring(jnp.tile(z, (size, 1)), none, none, z, jnp.int32(-1)) for z in zeros)

    def observe(
        table: Table, memory: tuple[_Ring, ...], policies: Policies, plans: Plans, number: Array, key: Array
    ) -> tuple[tuple[Gradient, ...], tuple[_Ring, ...]]:
        waits = number + jax.random.randint(key, (len(plans),), least, longest + 1)
        told = [
            _arrivals(ring, table.gains(player, plans), number, waits[player])
            for player, ring in enumerate(memory)
        ]
        return tuple(signal for signal, _ in told), tuple(ring for _, ring in told)

    return Feedback(init, observe)


def _arrivals(ring: _Ring, gains: Array, number: Array, due: Array) -> tuple[Gradient, _Ring]:
    """What arrives after round `number`, whose own gains arrive after round `due`."""
    place = number % len(ring.due)
    each, dues = ring.each.at[place].set(gains), ring.due.at[place].set(due)
    numbers = ring.number.at[place].set(number)
    arrived = dues == number
    latest = jnp.argmax(jnp.where(arrived, numbers, -1))
    newer = arrived[latest] & (numbers[latest] > ring.newest_number)
    newest = jnp.where(newer, each[latest], ring.newest)
    newest_number = jnp.where(newer, numbers[latest], ring.newest_number)
    total = jnp.where(arrived[:, None], each, 0).sum(axis=0)
    pending = (dues > number).sum().astype(jnp.int32)
    signal = Gradient(total, newest, arrived, each, pending)
    return signal, _Ring(each, dues, numbers, newest, newest_number)
