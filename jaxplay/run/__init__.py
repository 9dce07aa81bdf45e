"""Runs: training on disk, from the first step to the last, in as many sessions as it takes."""

from jaxplay.run.api import Run, new_folder, resume, train, train_exploiter

__all__ = ["Run", "new_folder", "resume", "train", "train_exploiter"]
