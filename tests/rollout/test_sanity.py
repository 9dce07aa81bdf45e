"""Games that break a law are found while they are played, and a run of one stops with a line."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from quick import quick_jit
from rolling import RANDOM, self_play
from small_games import Race
from small_runs import RUN

from jaxplay import search
from jaxplay.errors import UserError
from jaxplay.evaluator import uniform
from jaxplay.game import register
from jaxplay.games.tic_tac_toe import TicTacToe
from jaxplay.rollout import Roster, summary
from jaxplay.rollout.sanity import LAWS
from jaxplay.run import train
from jaxplay.struct import replace


@dataclass(frozen=True)
class Unlawful(TicTacToe):
    """Tic-tac-toe that breaks one law: `wrong` says which."""

    wrong: str = ""

    def step(self, state: Any, action: Any) -> Any:
        """As in tic-tac-toe, but for what is wrong."""
        after = super().step(state, action)
        won = after.terminated & (after.rewards[0] != 0)
        pays = {
            "nan": jnp.array([jnp.nan, jnp.nan]),
            "sum": jnp.array([1.0, 0.0]),
            "size": jnp.array([3.0, -3.0]),
        }
        if self.wrong in pays:
            return replace(after, rewards=jnp.where(won, pays[self.wrong], after.rewards))
        if self.wrong == "mask":
            return replace(after, legal_action_mask=after.legal_action_mask & after.terminated)
        return after


BROKEN = {
    "nan": {"bad_rewards"},
    "sum": {"bad_rewards"},
    "size": {"bad_returns"},
    "mask": {"empty_masks"},
}


def counts(game: Any) -> dict[str, float]:
    actor = self_play(game, search.policy(game, uniform(game)), num_matches=16, num_plies=12, **RANDOM)
    rolled = quick_jit(actor.play)(Roster(None), actor.init(jax.random.key(0)), jax.random.key(1))
    found = jax.device_get(summary(rolled.totals))
    return {name: float(found[name]) for name in LAWS}


@pytest.mark.parametrize("wrong", BROKEN)
def test_what_is_broken_is_counted(wrong):
    """Comparisons with nan are false, so that returns of nan are told by their rewards alone."""
    found = {name for name, count in counts(Unlawful(wrong)).items() if count > 0}
    assert found == BROKEN[wrong]


@pytest.mark.parametrize("game", [Unlawful(), Race()], ids=["tic-tac-toe", "chance and rewards on the way"])
def test_lawful_games_break_nothing(game):
    assert set(counts(game).values()) == {0.0}


def test_a_run_stops_with_the_law_that_is_broken(tmp_path):
    register("unlawful", lambda: Unlawful("sum"))
    config = replace(RUN, training=replace(RUN.training, game="unlawful"))
    with pytest.raises(UserError, match=r"unlawful breaks a law of games at step .*add up to zero") as error:
        train(config=config, steps=20, out=tmp_path / "run", progress=False)
    assert "\n" not in str(error.value)
