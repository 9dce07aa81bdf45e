"""A run on disk: its folder, its configuration, and checkpoints of everything that it is."""

from jaxplay.checkpoint.folder import CONFIG_FILE, FORMAT, Goal, create_run, read_config, read_goal
from jaxplay.checkpoint.lock import locked
from jaxplay.checkpoint.store import Checkpoints

__all__ = ["CONFIG_FILE", "FORMAT", "Checkpoints", "Goal", "create_run", "locked", "read_config", "read_goal"]
