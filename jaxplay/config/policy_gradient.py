"""The settings of learning by policy gradients."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from jaxplay.config.checks import at_least, one_of, require, share
from jaxplay.config.kinds import LearnerConfig

ADVANTAGES = ("gae", "central", "q", "baseline")
DRIFTS = ("ppo", "dpo")
MAGNETS = ("none", "uniform", "fixed", "refreshed")
SCHEDULES = ("constant", "linear", "exponential")


@dataclass(frozen=True)
class PolicyGradientConfig(LearnerConfig):
    """Proximal policy optimization and its regularized kin (`jaxplay.learners.policy_gradient`).

    Weights of entropy and of divergences are in units of advantages: with `normalize` of their standard
    deviation, without it of returns divided by the largest one, so that they carry from game to game.

    Attributes:
        advantage: How much better an action did than expected: by generalized advantage estimation over
            each player's own decisions (`gae`), by what a central critic that sees the whole state thinks of
            the action (`q`), by what followed, less what that critic expects (`central`), or by the mean
            return of each seat (`baseline`).
        gae_lambda: Decay of traces, 0 to 1, from one decision to the next; 1 waits for the outcome.
        discount: Discount from one decision of a player to its next, above 0 to 1.
        vtrace: Whether estimates are corrected for moves that were made with earlier parameters.
        normalize: Whether advantages are divided by their standard deviation in each step.
        baseline_decay: Decay, per step, of the mean return of each seat; for `baseline` only.
        drift: How far the policy may move: clipped ratios (`ppo`), or the drift function of discovered
            policy optimization (`dpo`), which has no clip.
        clip: How far a ratio of probabilities may move from 1 before it is clipped.
        entropy_weight: Weight of the policy's entropy, which is made large.
        behavior_weight: Weight of the divergence from the policy that made the moves.
        magnet: Policy towards which the learner's is pulled: none, that of equal chances (`uniform`), its
            own as it was at the start (`fixed`), or its own average, copied every so often (`refreshed`).
        magnet_weight: Weight of the divergence from the magnet.
        magnet_updates: Gradient steps from one copy of a refreshed magnet to the next.
        num_epochs: Passes over the moves of a step.
        num_minibatches: Batches of a pass, one gradient step each.
        value_weight: Weight of the value loss; the policy loss has weight 1.
        critic_width: Units in each of the two layers of the central critic.
        critic_learning_rate: Learning rate of the central critic.
        ema_decay: Decay, per gradient step, of the averaged parameters, which are evaluated and frozen; less
            at first, so that beginnings are forgotten. The newest ones play in training.
        learning_rate: Learning rate of Adam at the start.
        schedule: How learning rate, entropy and magnet go on: they stay (`constant`), or reach their share
            of the start in a line or exponentially.
        schedule_steps: Gradient steps in which they do.
        learning_rate_end: Share of the learning rate at the end of the schedule, above 0 to 1.
        entropy_end: Share of the entropy's weight there.
        magnet_end: Share of the magnet's weight there.
        clip_norm: Norm to which larger gradients are clipped.
    """

    kind: ClassVar[str] = "policy_gradient"
    searches: ClassVar[bool] = False
    advantage: Literal["gae", "central", "q", "baseline"] = "gae"
    gae_lambda: float = 0.95
    discount: float = 1.0
    vtrace: bool = False
    normalize: bool = True
    baseline_decay: float = 0.95
    drift: Literal["ppo", "dpo"] = "ppo"
    clip: float = 0.2
    entropy_weight: float = 0.05
    behavior_weight: float = 0.0
    magnet: Literal["none", "uniform", "fixed", "refreshed"] = "refreshed"
    magnet_weight: float = 0.1
    magnet_updates: int = 1000
    num_epochs: int = 4
    num_minibatches: int = 4
    value_weight: float = 0.5
    critic_width: int = 128
    critic_learning_rate: float = 1e-3
    ema_decay: float = 0.99
    learning_rate: float = 3e-4
    schedule: Literal["constant", "linear", "exponential"] = "constant"
    schedule_steps: int = 20_000
    learning_rate_end: float = 0.1
    entropy_end: float = 0.1
    magnet_end: float = 1.0
    clip_norm: float = 0.5

    def __post_init__(self) -> None:
        one_of(self, "advantage", ADVANTAGES)
        one_of(self, "drift", DRIFTS)
        one_of(self, "magnet", MAGNETS)
        one_of(self, "schedule", SCHEDULES)
        at_least(self, 1, "num_epochs", "num_minibatches", "magnet_updates", "critic_width", "schedule_steps")
        at_least(self, 0, "entropy_weight", "behavior_weight", "magnet_weight", "value_weight")
        at_least(self, 0, "learning_rate", "critic_learning_rate")
        share(self, "gae_lambda", "baseline_decay", "ema_decay")
        for name in ("discount", "learning_rate_end", "entropy_end", "magnet_end"):
            require(self, name, "above 0, to 1", 0.0 < getattr(self, name) <= 1.0)
        for name in ("clip", "clip_norm"):
            require(self, name, "above 0", getattr(self, name) > 0.0)

    @property
    def has_critic(self) -> bool:
        """Whether a central critic is trained."""
        return self.advantage in ("q", "central")

    def as_member(
        self, *, num_updates: int, replay_positions: int, models_opponent: bool
    ) -> "PolicyGradientConfig":
        """See `LearnerConfig.as_member`; `num_updates` become so many batches of one pass each.

        Whoever models its opponent is told the opponent's own values, and does not search.

        Raises:
            UserError: it has no replay.
        """
        if not num_updates:
            return LearnerConfig.as_member(  # pyright: ignore[reportReturnType]
                self, num_updates=0, replay_positions=replay_positions, models_opponent=False
            )
        epochs = min(self.num_epochs, num_updates)
        changed = replace(self, num_epochs=epochs, num_minibatches=max(num_updates // epochs, 1))
        return changed.as_member(num_updates=0, replay_positions=replay_positions, models_opponent=False)
