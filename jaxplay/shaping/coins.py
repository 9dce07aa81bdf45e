"""LOQA and naive learners on games that are too large for tables, from sampled play: the coin dilemma.

Two players with a policy and a table of action values each, both small networks, learn at the same time
from the same batch of games. The gradient of LOQA is that of a policy gradient whose advantages are changed:

    b(t) = A(t) + [sum over earlier u of discount^(t - u) A(u) (1 - pi^(u)) / temperature] A'(t)

with A the own advantage, A' the other's, and pi^(u) = softmax(Q'(u) / temperature) of the action it took.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from jaxplay.game import Game, fresh, resolve_chance
from jaxplay.struct import pytree


@pytree
class Play:
    """A batch of B games for two, round by round; both choose at once.

    Attributes:
        observations: `(T, B, 2, F)` float32: before each round, as each player sees it.
        actions: `(T, B, 2)` int32.
        rewards: `(T, B, 2)` float32.
    """

    observations: Array
    actions: Array
    rewards: Array


class Settings(NamedTuple):
    """How players learn.

    Attributes:
        shaping: weight of the opponent's term for each player: 1 for LOQA, 0 for naive policy gradients.
        rounds: rounds of a game, T.
        batch_size: games for each step, B.
        width: of both hidden layers.
        discount: what a point in the next round is worth now.
        trace: lambda of the advantages' mixture of long and short estimates.
        temperature: of the other's softmax.
        actor_rate: Adam's learning rate of policies.
        critic_rate: that of action values.
        entropy: weight of the policies' entropy.
        target: the share of the old target values that each step keeps.
    """

    shaping: tuple[float, float] = (1.0, 1.0)
    rounds: int = 16
    batch_size: int = 256
    width: int = 64
    discount: float = 0.96
    trace: float = 0.95
    temperature: float = 1.0
    actor_rate: float = 3e-3
    critic_rate: float = 3e-3
    entropy: float = 0.02
    target: float = 0.99


@pytree
class Learners:
    """Both players; every array has a leading axis of two.

    Attributes:
        actor: parameters of the policies.
        critic: parameters of the action values.
        target: a slow copy of those.
        actor_state: Adam's.
        critic_state: Adam's.
    """

    actor: Any
    critic: Any
    target: Any
    actor_state: Any
    critic_state: Any


def shaped_advantages(
    mine: Array, theirs: Array, told: Array, discount: float, shaping: float | Array
) -> Array:
    """`(T, ...)` float32: the weights of `grad log pi(a(t))`: the module's b(t).

    Args:
        mine: `(T, ...)` own advantages A(t).
        theirs: `(T, ...)` the other's advantages A'(t).
        told: `(T, ...)` `(1 - pi^(t)) / temperature` of the other's actions.
        discount: of the game.
        shaping: weight of the second term, `()` or `(...)`.
    """

    def step(earlier: Array, row: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        own, other, share = row
        return discount * (earlier + own * share), own + shaping * earlier * other

    return jax.lax.scan(step, jnp.zeros_like(mine[0]), (mine, theirs, told))[1]


def advantages(rewards: Array, values: Array, discount: float, trace: float) -> Array:
    """`(T, ...)` float32: generalized advantage estimates; after the last round nothing comes.

    Args:
        rewards: `(T, ...)` float32.
        values: `(T, ...)` float32: what was expected before each round.
        discount: of the game.
        trace: lambda.
    """
    errors = rewards + discount * jnp.concatenate([values[1:], jnp.zeros_like(values[:1])]) - values

    def step(later: Array, error: Array) -> tuple[Array, Array]:
        later = error + discount * trace * later
        return later, later

    return jax.lax.scan(step, jnp.zeros_like(errors[0]), errors, reverse=True)[1]


def network(params: Any, observation: Array) -> Array:
    """`(..., A)` float32: two hidden layers."""
    *inner, last = params
    hidden = observation
    for layer in inner:
        hidden = jax.nn.relu(_affine(layer, hidden))
    return _affine(last, hidden)


def _affine(layer: dict[str, Array], values: Array) -> Array:
    out = values @ layer["w"]
    return out + jnp.broadcast_to(layer["b"], out.shape)


def make_network(key: Array, sizes: tuple[int, ...]) -> list[dict[str, Array]]:
    """Parameters of `network`: layers of these sizes, the last one small."""
    keys = jax.random.split(key, len(sizes) - 1)
    scales = [(2 / size) ** 0.5 for size in sizes[:-2]] + [0.1 * sizes[-2] ** -0.5]
    return [
        {"w": scale * jax.random.normal(key, (size, width)), "b": jnp.zeros(width)}
        for key, scale, size, width in zip(keys, scales, sizes[:-1], sizes[1:], strict=True)
    ]


def play(game: Game[Any], actors: Any, key: Array, batch_size: int, num_rounds: int) -> Play:
    """Both players' policies play a batch of games, of which no round is the last but the last.

    Args:
        game: for two, who choose one after the other, unseen.
        actors: parameters of the policies, with a leading axis of two.
        key: of everything that is random.
        batch_size: number of games.
        num_rounds: number of rounds.
    """
    key_start, key_rounds = jax.random.split(key)
    states = jax.vmap(lambda key: fresh(game, key))(jax.random.split(key_start, batch_size))
    seats = jnp.arange(2, dtype=jnp.int32)

    def round_(states: Any, key: Array) -> tuple[Any, Play]:
        keys = jax.random.split(key)
        seen = jax.vmap(lambda state: jax.vmap(lambda seat: game.observe(state, seat))(seats))(states)
        logits = jax.vmap(network, in_axes=(0, 1), out_axes=1)(actors, seen)
        actions = jax.random.categorical(keys[0], logits).astype(jnp.int32)

        def step(state: Any, actions: Array, key: Array) -> Any:
            return resolve_chance(game, game.step(game.step(state, actions[0]), actions[1]), key)

        states = jax.vmap(step)(states, actions, jax.random.split(keys[1], batch_size))
        return states, Play(seen, actions, states.rewards)

    return jax.lax.scan(round_, states, jax.random.split(key_rounds, num_rounds))[1]


def make_learners(settings: Settings, num_features: int, num_actions: int, key: Array) -> Learners:
    """Two players who know nothing."""
    sizes = num_features, settings.width, settings.width, num_actions
    actor, critic = (
        jax.vmap(lambda key: make_network(key, sizes))(jax.random.split(k)) for k in jax.random.split(key)
    )
    optimizers = _optimizers(settings)
    return Learners(actor, critic, critic, optimizers[0].init(actor), optimizers[1].init(critic))


def learn(settings: Settings, learners: Learners, played: Play) -> Learners:
    """One step of both players from a batch of games."""
    actor_optimizer, critic_optimizer = _optimizers(settings)
    each = jax.vmap(network, in_axes=(0, 2), out_axes=2)
    policy = jax.nn.softmax(each(learners.actor, played.observations))
    action_values = each(learners.target, played.observations)
    values = (policy * action_values).sum(axis=-1)
    gains = advantages(played.rewards, values, settings.discount, settings.trace)
    taken = jax.nn.one_hot(played.actions, policy.shape[-1])
    expected = jax.nn.softmax(action_values / settings.temperature)
    told = (1 - (expected * taken).sum(axis=-1)) / settings.temperature
    shaping = jnp.broadcast_to(jnp.array(settings.shaping), gains.shape[1:])
    weights = shaped_advantages(gains, gains[..., ::-1], told[..., ::-1], settings.discount, shaping)
    mean, spread = weights.mean(axis=(0, 1), keepdims=True), weights.std(axis=(0, 1), keepdims=True)
    weights = (weights - mean) / (spread + 1e-8)

    def actor_loss(actor: Any) -> Array:
        logs = jax.nn.log_softmax(each(actor, played.observations))
        entropy = -(jnp.exp(logs) * logs).sum(axis=-1)
        told = (logs * taken).sum(axis=-1)
        return -(jax.lax.stop_gradient(weights) * told + settings.entropy * entropy).mean(axis=(0, 1)).sum()

    later = jnp.concatenate([values[1:], jnp.zeros_like(values[:1])])
    wanted = played.rewards + settings.discount * later

    def critic_loss(critic: Any) -> Array:
        guessed = (each(critic, played.observations) * taken).sum(axis=-1)
        return optax.huber_loss(guessed, jax.lax.stop_gradient(wanted)).mean(axis=(0, 1)).sum()

    steps, actor_state = actor_optimizer.update(jax.grad(actor_loss)(learners.actor), learners.actor_state)
    actor = optax.apply_updates(learners.actor, steps)
    steps, critic_state = critic_optimizer.update(
        jax.grad(critic_loss)(learners.critic), learners.critic_state
    )
    critic = optax.apply_updates(learners.critic, steps)
    target = optax.incremental_update(critic, learners.target, 1 - settings.target)
    return Learners(actor, critic, target, actor_state, critic_state)


def train(
    game: Game[Any], settings: Settings, key: Array, num_steps: int
) -> tuple[Learners, dict[str, Array]]:
    """Both players learn from self-made games.

    Returns:
        The players, and for each step: `reward` `(num_steps, 2)`, of each player in a round; `own`
        `(num_steps,)`, the share of coins that their owner took; `taken` `(num_steps,)`, coins a round.
    """
    key_start, key_steps = jax.random.split(key)
    first = jax.eval_shape(lambda key: game.observe(game.init(key)), key_start)
    learners = make_learners(settings, first.shape[0], game.num_actions, key_start)

    def step(learners: Learners, key: Array) -> tuple[Learners, dict[str, Array]]:
        played = play(game, learners.actor, key, settings.batch_size, settings.rounds)
        return learn(settings, learners, played), coins_taken(played.rewards, getattr(game, "penalty"))

    return jax.lax.scan(step, learners, jax.random.split(key_steps, num_steps))


def coins_taken(rewards: Array, penalty: float) -> dict[str, Array]:
    """What rewards `(..., 2)` of the coin dilemma tell: their mean, coins a round, the share of own ones.

    A player's reward in a round tells what it took: 1 or 1 - penalty if it did, and whether it was robbed.
    """
    total = rewards.sum(axis=-1)
    robbed = (rewards == -penalty).any(axis=-1) | (rewards == 1 - penalty).any(axis=-1)
    both = (rewards == 1 - penalty).any(axis=-1)
    took = (total != 0) | robbed
    coins = took.mean()
    own = (took & (~robbed | both)).mean()
    return {
        "reward": rewards.mean(axis=tuple(range(rewards.ndim - 1))),
        "taken": coins,
        "own": own / jnp.maximum(coins, 1e-8),
    }


def _optimizers(settings: Settings) -> tuple[optax.GradientTransformation, optax.GradientTransformation]:
    return optax.adam(settings.actor_rate), optax.adam(settings.critic_rate)
