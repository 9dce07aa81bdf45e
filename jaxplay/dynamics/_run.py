"""The one loop: players play, are told what the feedback tells, and learn, for many seeds at once."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.dynamics.feedback import Feedback
from jaxplay.dynamics.method import Method, Player
from jaxplay.dynamics.table import Plans, Table
from jaxplay.errors import UserError


class History(NamedTuple):
    """What was measured, at C checkpoints; with a leading axis of seeds.

    Attributes:
        rounds: `(C,)` int32, rounds played.
        last: `(C,)`, the table's gap (exploitability) of what is played next.
        average: `(C,)`, that of the mean plans so far.
        regret: `(C, P)`, what each player's best fixed plan would have earned more a round; NaN where it was
            not asked for.
    """

    rounds: Array
    last: Array
    average: Array
    regret: Array


class Outcome(NamedTuple):
    """A run; all with a leading axis of seeds.

    Attributes:
        history: what was measured.
        players: each player at the end.
        averages: the mean plan of each player.
        joint: `(A0, A1, ...)`, the mean over rounds of the joint distribution of actions in a normal-form
            game; None where it was not asked for.
    """

    history: History
    players: tuple[Player, ...]
    averages: Plans
    joint: Array | None


class _Carry(NamedTuple):
    number: Array
    players: tuple[Player, ...]
    memory: Any
    averages: Plans
    total: Plans | None
    earned: Array
    joint: Array | None


def run(
    table: Table,
    methods: Method | Sequence[Method],
    feedback: Feedback,
    *,
    checkpoints: Sequence[int],
    seeds: Sequence[int] = (0,),
    regret: bool = True,
    joint: bool = False,
    dtype: Any = jnp.float32,
) -> Outcome:
    """Play and learn.

    Args:
        table: the game.
        methods: how each player learns; one for all of them.
        feedback: what players are told.
        checkpoints: after how many rounds is measured; the last one ends the run.
        seeds: of the runs, which are computed side by side.
        regret: whether to measure regret, which takes exact gains in each round.
        joint: whether to average joint play; normal-form games only.
        dtype: of all numbers.

    Raises:
        UserError: checkpoints do not rise from 1, there are no seeds, or methods do not fit the players.
    """
    num_players = len(table.spaces)
    chosen = [methods] * num_players if isinstance(methods, Method) else list(methods)
    if len(chosen) != num_players:
        raise UserError(f"methods: {len(chosen)} for {num_players} players; allowed: one, or one each")
    lengths = np.diff([0, *checkpoints])
    if not len(lengths) or (lengths < 1).any():
        raise UserError(f"checkpoints={tuple(checkpoints)}; allowed: rising whole numbers from 1")
    if not len(seeds):
        raise UserError("seeds is empty; allowed: one or more")
    one = partial(_one, table, tuple(chosen), feedback, lengths, regret=regret, joint=joint, dtype=dtype)
    return jax.jit(jax.vmap(one))(jnp.stack([jax.random.key(seed) for seed in seeds]))


def spread(last: int, number: int = 12, first: int = 10) -> tuple[int, ...]:
    """Checkpoints in equal ratios from `first` to `last`."""
    return tuple(np.unique(np.geomspace(min(first, last), last, number).round().astype(int)).tolist())


def _one(
    table: Table,
    methods: tuple[Method, ...],
    feedback: Feedback,
    lengths: np.ndarray,
    key: Array,
    *,
    regret: bool,
    joint: bool,
    dtype: Any,
) -> Outcome:
    """A run of one seed."""
    key_first, key_rounds = jax.random.split(key)
    begin = _begin(table, methods, feedback, key_first, regret=regret, joint=joint, dtype=dtype)
    step = partial(_round, table, methods, feedback, key_rounds)

    def segment(carry: _Carry, length: Array) -> tuple[_Carry, History]:
        carry = jax.lax.fori_loop(0, length, lambda _, carried: step(carried), carry)
        return carry, _measure(table, carry)

    end, history = jax.lax.scan(segment, begin, jnp.asarray(lengths, jnp.int32))
    return Outcome(history, end.players, end.averages, end.joint)


def _begin(
    table: Table,
    methods: tuple[Method, ...],
    feedback: Feedback,
    key: Array,
    *,
    regret: bool,
    joint: bool,
    dtype: Any,
) -> _Carry:
    rows = enumerate(zip(methods, table.spaces, strict=True))
    players = tuple(m.init(space, jax.random.fold_in(key, i), dtype) for i, (m, space) in rows)
    plans = [space.plan(player.policy) for space, player in zip(table.spaces, players, strict=True)]
    zeros = tuple(jnp.zeros_like(plan) for plan in plans)
    return _Carry(
        number=jnp.int32(0),
        players=players,
        memory=feedback.init(table, dtype),
        averages=zeros,
        total=zeros if regret else None,
        earned=jnp.zeros(len(players), dtype),
        joint=jnp.zeros([len(player.policy) for player in players], dtype) if joint else None,
    )


def _round(
    table: Table, methods: tuple[Method, ...], feedback: Feedback, key: Array, carry: _Carry
) -> _Carry:
    policies = tuple(player.policy for player in carry.players)
    plans = tuple(space.plan(policy) for space, policy in zip(table.spaces, policies, strict=True))
    signals, memory = feedback.observe(
        table, carry.memory, policies, plans, carry.number, jax.random.fold_in(key, carry.number)
    )
    rows = zip(methods, table.spaces, carry.players, signals, strict=True)
    players = tuple(method.update(space, player, signal) for method, space, player, signal in rows)
    share = 1 / (carry.number + 1).astype(plans[0].dtype)
    total, earned, together = carry.total, carry.earned, carry.joint
    if total is not None:
        gains = [table.gains(player, plans) for player in range(len(plans))]
        total = tuple(old + new for old, new in zip(total, gains, strict=True))
        earned = earned + jnp.stack([(g * x).sum() for g, x in zip(gains, plans, strict=True)])
    if together is not None:
        product = policies[0]
        for policy in policies[1:]:
            product = jnp.tensordot(product, policy, axes=0)
        together = together + share * (product - together)
    pairs = zip(carry.averages, plans, strict=True)
    averages = tuple(mean + share * (plan - mean) for mean, plan in pairs)
    return _Carry(carry.number + 1, players, memory, averages, total, earned, together)


def _measure(table: Table, carry: _Carry) -> History:
    rows = zip(table.spaces, carry.players, strict=True)
    plans = tuple(space.plan(player.policy) for space, player in rows)
    regret = jnp.full(len(plans), jnp.nan, plans[0].dtype)
    if carry.total is not None:
        best = [space.best(total) for space, total in zip(table.spaces, carry.total, strict=True)]
        regret = (jnp.stack(best) - carry.earned) / carry.number
    return History(carry.number, table.gap(plans), table.gap(carry.averages), regret)
