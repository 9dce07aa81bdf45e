"""Prints the figures of docs/shaping.md: `python docs/shaping_figures.py`, or the names of parts of it."""

import sys
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxplay.games.coin_dilemma import CoinDilemma
from jaxplay.games.matrix_game import MatrixGame
from jaxplay.shaping import actor_critic, learn, live, lola, loqa, mbom, naive, repeated, strategy
from jaxplay.shaping.bidding import hedge
from jaxplay.shaping.coins import Settings, train
from jaxplay.shaping.rounds import other_frame

DILEMMA = np.array([[[-1, -1], [-3, 0]], [[0, -3], [-2, -2]]], np.float32)
TABLES = {
    "prisoner's dilemma": DILEMMA,
    "chicken": MatrixGame("chicken").tensor,
    "stag hunt": MatrixGame("stag_hunt").tensor,
    "battle of the sexes": MatrixGame("battle_of_the_sexes").tensor,
}
METHODS = {
    "naive": (naive(), 1000),
    "LOLA": (lola(), 1000),
    "LOQA": (loqa(), 2000),
    "LOQA, taken": (loqa(through="taken"), 2000),
}
UNSEEN = (
    "tit_for_tat",
    "generous_tit_for_tat",
    "win_stay_lose_shift",
    "grim_trigger",
    "alternate",
    "contrary",
)
SEEDS = 20
STEPS = 1200


def main(chosen: list[str]) -> None:
    """Print what is named; all without names."""
    for name, lines in PARTS.items():
        if not chosen or name in chosen:
            for line in lines():
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


def of_repeated() -> Iterator[str]:
    """Mean rewards of 20 pairs who learn from each other, by method and game."""
    for game, table in TABLES.items():
        for method, (update, steps) in METHODS.items():
            found = learn(repeated(table), (update, update), jax.random.key(0), num_steps=steps)
            last = np.asarray(found.returns[:, -1])
            pairs, apart = last.mean(axis=1), np.abs(last[:, 0] - last[:, 1]).mean()
            even = (np.abs(last[:, 0] - last[:, 1]) < 0.1).sum()
            told = f"mean {pairs.mean():.3f}, least {pairs.min():.3f}, {apart:.2f} apart, {even} pairs even"
            yield f"{game}, {method}: {told}, {(pairs >= -1.05).sum()} of {SEEDS} at least -1.05"


def of_imagined() -> Iterator[str]:
    """What MBOM and plain policy gradients earn in 200 rounds against opponents that are not in the prior."""
    known = [np.asarray(other_frame(jnp.array(strategy(n)))) for n in ("cooperate", "defect", "random")]
    prior = jnp.asarray(np.mean(known, axis=0))
    opponents = jnp.stack([jnp.array(strategy(name)) for name in UNSEEN])
    keys = jax.random.split(jax.random.key(0), SEEDS)
    for title in ("prisoner's dilemma", "battle of the sexes"):
        game = repeated(TABLES[title])
        players = {"MBOM": mbom(game, prior), "level 0 alone": mbom(game, prior, num_levels=1)}
        players |= {f"policy gradient {rate:g}": actor_critic(game, rate) for rate in (0.1, 0.3, 1.0, 3.0)}
        for name, player in players.items():

            def one(key: Array, opponent: Array, player=player, game=game) -> Array:  # noqa: ANN001
                return live(game, player, opponent, key, 200)[:, 0].mean()

            every = jax.jit(jax.vmap(jax.vmap(one, in_axes=(0, None)), in_axes=(None, 0)))
            means = np.asarray(every(keys, opponents)).mean(axis=1)
            told = ", ".join(f"{other} {mean:.3f}" for other, mean in zip(UNSEEN, means, strict=True))
            yield f"{title}, {name}: {told}"


def of_coins() -> Iterator[str]:
    """Learning curves on the coin dilemma, three seeds of LOQA, of naive learners, and of one of each."""
    players = {"LOQA": (1.0, 1.0), "naive": (0.0, 0.0), "LOQA and naive": (1.0, 0.0)}
    for name, shaping in players.items():
        settings = Settings(shaping=shaping, batch_size=128)
        game = CoinDilemma(rounds=settings.rounds, memory=1)

        def curve(key: Array, settings=settings, game=game) -> dict[str, Array]:  # noqa: ANN001
            return train(game, settings, key, STEPS)[1]

        program = jax.jit(curve)
        for seed in range(3):
            found = program(jax.random.key(seed))
            rows = found["own"], *found["reward"].T, found["taken"]
            parts = np.split(np.stack([np.asarray(row) for row in rows]), 8, axis=1)
            told = "; ".join(" ".join(f"{x:.3f}" for x in part.mean(axis=1)) for part in parts)
            yield f"{name}, seed {seed}, own coins, rewards, coins by {STEPS // 8} steps: {told}"


def of_auction() -> Iterator[str]:
    """Regret to the best fixed bid, without and with a budget of a quarter of a thing's worth each sale."""
    for budget in (None, 0.25):
        for num_sales in (100, 400, 1600, 6400):

            def one(key: Array, size=num_sales, budget=budget) -> Array:  # noqa: ANN001
                key_others, key = jax.random.split(key)
                others = jax.random.beta(key_others, 2.0, 3.0, (size,))
                return hedge(jnp.linspace(0, 1, 21), 1.0, others, key, budget=budget and budget * size).regret

            regrets = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(1), 10)))
            mean = regrets.mean()
            yield f"budget {budget}, {num_sales} sales: {mean:.2f}, over the root {mean / num_sales**0.5:.3f}"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "repeated": of_repeated,
    "imagined": of_imagined,
    "coins": of_coins,
    "auction": of_auction,
}

if __name__ == "__main__":
    main(sys.argv[1:])
