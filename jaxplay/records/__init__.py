"""Records of games: read, written, replayed, annotated, shown. See `docs/records.md`."""

from jaxplay.records._annotate import annotate
from jaxplay.records.files import FORMATS, load, save
from jaxplay.records.model import ENDINGS, GameRecord, Ply, RecordError
from jaxplay.records.scribe import record_of, replay

__all__ = [
    "ENDINGS",
    "FORMATS",
    "GameRecord",
    "Ply",
    "RecordError",
    "annotate",
    "load",
    "record_of",
    "replay",
    "save",
]
