"""Runs: training on disk, from the first step to the last, in as many sittings as it takes."""

from jaxplay.run.api import Run, resume, train

__all__ = ["Run", "resume", "train"]
