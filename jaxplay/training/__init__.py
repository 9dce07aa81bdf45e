"""The whole program as one step: self-play, replay, learning and the league, composed and nothing else."""

from jaxplay.training.exploiting import against, exploiter_params, exploiter_search, opponent_of
from jaxplay.training.make import make_training
from jaxplay.training.members import learner_names
from jaxplay.training.parts import make_game
from jaxplay.training.state import Metrics, Training, TrainState, compile_step

__all__ = [
    "Metrics",
    "TrainState",
    "Training",
    "against",
    "compile_step",
    "exploiter_params",
    "exploiter_search",
    "learner_names",
    "make_game",
    "make_training",
    "opponent_of",
]
