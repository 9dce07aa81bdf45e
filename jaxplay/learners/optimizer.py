"""The optimizer that a configuration describes."""

import optax

from jaxplay.config import AlphaZeroConfig


def make_optimizer(config: AlphaZeroConfig) -> optax.GradientTransformation:
    """AdamW behind a clip of the global norm; the rate depends on the gradient step alone."""
    rate = config.learning_rate
    warmup = optax.linear_schedule(0.0, rate, config.warmup_steps)
    after = optax.constant_schedule(rate)
    if config.schedule == "cosine":
        steps = max(config.schedule_steps - config.warmup_steps, 1)
        after = optax.cosine_decay_schedule(rate, steps, alpha=0.1)
    schedule = optax.join_schedules([warmup, after], [config.warmup_steps])
    return optax.chain(
        optax.clip_by_global_norm(config.clip_norm), optax.adamw(schedule, weight_decay=config.weight_decay)
    )
