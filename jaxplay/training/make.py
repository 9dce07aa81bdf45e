"""`make_training`: plain self-play, a league or an exploiter, as the configuration says."""

from jaxplay.config import TrainingConfig
from jaxplay.shards import Shards
from jaxplay.training.exploiter import exploiter_training
from jaxplay.training.league import league_training
from jaxplay.training.plain import plain_training
from jaxplay.training.state import Training


def make_training(config: TrainingConfig, shards: Shards | None = None) -> Training:
    """Compose the parts that `config` names.

    Args:
        config: what to train, and how.
        shards: how shards lie on devices; None: all on one.

    Raises:
        UserError: the game is one that tree search cannot learn (hidden information), or lacks what an
            option needs.
    """
    if config.exploiter is not None:
        return exploiter_training(config, config.exploiter, shards)
    if config.league is not None:
        return league_training(config, config.league, shards)
    return plain_training(config, shards)
