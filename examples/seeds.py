"""Eight training runs with different seeds at the same time, as one program.

A step of training is a pure function of the state, so `jax.vmap` makes it one of many states.
Run: python examples/seeds.py
"""

import jax
import jax.numpy as jnp

import jaxplay
from jaxplay.presets import preset


def main(num_seeds: int = 8, num_steps: int = 30) -> None:
    """Train tic-tac-toe from several seeds, and show how far their losses are apart."""
    config = preset("tic_tac_toe", "quick").training
    training = jaxplay.make_training(config)
    states = jax.jit(jax.vmap(training.init))(jax.random.split(jax.random.key(0), num_seeds))
    step = jax.jit(jax.vmap(training.step), donate_argnums=0)
    for number in range(1, num_steps + 1):
        states, metrics = step(states)
        if number % 10 == 0:
            loss = metrics["value_loss"]
            spread = f"{jnp.nanmin(loss):.3f} to {jnp.nanmax(loss):.3f}"
            print(f"step {number}: value loss {spread} over {num_seeds} seeds")


if __name__ == "__main__":
    main()
