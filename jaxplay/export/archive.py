"""The archive: parameters as safetensors, and the configuration as JSON. It does not expire."""

import json
from pathlib import Path
from typing import Any

from jaxplay.checkpoint import export_weights
from jaxplay.config import LinesConfig
from jaxplay.export.source import ABOUT_FILE, Source, new_folder, write_file

WEIGHTS_FILE = "weights.safetensors"


def export_archive(source: Source, to: str | Path) -> list[Path]:
    """Write the parameters and what they belong to.

    Args:
        source: the player.
        to: a folder, new or empty.

    Returns:
        The files: `weights.safetensors`, named arrays such as `stem.kernel` in 32 bits, and `agent.json`,
        which tells the cells of each line where the network looks at lines.

    Raises:
        UserError: the folder is not empty, or cannot be written.
    """
    folder = new_folder(Path(to))
    about = source.about() | {"format": "archive", "files": [WEIGHTS_FILE]}
    if about["network"]["kind"] == LinesConfig.kind:
        game: Any = source.agent.game
        about["lines"] = game.lines.tolist()
    weights = folder / WEIGHTS_FILE
    export_weights(weights, source.agent.params, about)
    return [weights, write_file(folder / ABOUT_FILE, json.dumps(about, indent=1) + "\n")]
