"""What is random in a game: outcomes of chance, how it begins, and an action chosen blindly."""

import jax
import jax.numpy as jnp
from jax import Array

from jaxplay.game._protocol import CHANCE, Game, S
from jaxplay.sampling import by_probability, kth_set
from jaxplay.struct import replace


def resolve_chance(game: Game[S], state: S, key: Array) -> S:
    """Sample chance outcomes until a player is to move or the game is over. One state.

    The result's `rewards` are those of `state` and of every outcome on the way, added up.
    """
    if game.num_chance_outcomes == 0:
        return state

    def waiting(carry: tuple[S, Array]) -> Array:
        return (carry[0].current_player == CHANCE) & ~carry[0].terminated

    def sample(carry: tuple[S, Array]) -> tuple[S, Array]:
        state, turn = carry  # a number, since a batch of keys carried along would take most of the time
        after = game.step(state, sample_outcome(game.chance_probs(state), jax.random.fold_in(key, turn)))
        return replace(after, rewards=state.rewards + after.rewards), turn + 1  # pyright: ignore[reportArgumentType]

    return jax.lax.while_loop(waiting, sample, (state, jnp.int32(0)))[0]


def sample_outcome(probs: Array, key: Array) -> Array:
    """One outcome, `()` int32, sampled from `probs` `(O,)`; never one of probability zero."""
    return by_probability(probs, jax.random.uniform(key))


def random_action(legal_action_mask: Array, key: Array) -> Array:
    """A legal action, `()` int32, uniformly: the k-th legal one by a single uniform number."""
    return kth_set(legal_action_mask, jax.random.uniform(key))


def fresh(game: Game[S], key: Array) -> S:
    """A new game at its first decision: `init`, with chance resolved. One state.

    Where much is dealt, outcome after outcome takes far longer than a move. A game may have a method
    `fresh(key)` that deals all at once, with the same probabilities and to the same states.
    """
    deals = getattr(game, "fresh", None)
    if deals is not None:
        return deals(key)
    key_init, key_chance = jax.random.split(key)
    return resolve_chance(game, game.init(key_init), key_chance)


def auto_reset(game: Game[S], state: S, key: Array) -> S:
    """`state`, or a new game where it is over. One state; for loops of one's own that never stop.

    The new game's `rewards` are zero and it is not terminal: look at those of `state` before.
    """
    return jax.tree.map(lambda new, old: jnp.where(state.terminated, new, old), fresh(game, key), state)
