"""Runs: training on disk, from the first step to the last, in as many sessions as it takes."""

from jaxplay.run.api import Run, new_folder, resume, train, train_exploiter
from jaxplay.run.table import metrics

__all__ = ["Run", "metrics", "new_folder", "resume", "train", "train_exploiter"]
