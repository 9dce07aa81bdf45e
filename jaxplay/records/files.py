"""Files of records: which format a name means, decoding, and writing whole or not at all."""

import codecs
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jaxplay.checkpoint import write_whole
from jaxplay.errors import UserError, quoted
from jaxplay.game import Game
from jaxplay.records import _mat_write, _pgn_write, _sgf_write, fen, json_form, mat, pgn, sgf
from jaxplay.records.model import GameRecord, RecordError
from jaxplay.records.page import write_page
from jaxplay.records.picture import write_picture

MOST_BYTES = 64 * 2**20
"""Of a file that is read."""


class Format(NamedTuple):
    """A form of files.

    Attributes:
        write: from records to text.
        read: from text to records, with the game that a reader may give; None where it is only written.
    """

    write: Callable[[list[GameRecord]], str]
    read: Callable[[str, Game[Any] | None], list[GameRecord]] | None = None


FORMATS: dict[str, Format] = {
    ".json": Format(json_form.write, json_form.read),
    ".sgf": Format(_sgf_write.write, sgf.read),
    ".pgn": Format(_pgn_write.write, pgn.read),
    ".fen": Format(fen.write, fen.read),
    ".mat": Format(_mat_write.write, mat.read),
    ".html": Format(write_page),
    ".svg": Format(write_picture),
}
"""Forms by the ends of names."""
READ = tuple(suffix for suffix, form in FORMATS.items() if form.read is not None)
ENCODINGS = (
    *("utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-15", "cp1250", "cp1251", "cp1252"),
    *("gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp949", "koi8-r"),
)
"""Encodings that an SGF file may say it has."""


def format_of(path: Path) -> Format:
    """The form that the end of a name means.

    Raises:
        UserError: none does.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise UserError(
            f"{quoted(str(path))} is no record; allowed: {', '.join(FORMATS)} at the end of its name"
        )
    return form


def load(path: str | Path, game: Game[Any] | None = None) -> list[GameRecord]:
    """The games of a file.

    Args:
        path: of the file; the end of its name tells the form.
        game: for files that do not tell it, or that name one that is not built in.

    Raises:
        UserError: it cannot be read, or is no such file; the message tells line and column.
    """
    path = Path(path)
    form = format_of(path)
    if form.read is None:
        raise UserError(
            f"{quoted(str(path))}: {path.suffix} files are only written; allowed: {', '.join(READ)}"
        )
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{quoted(str(path))} is too large; allowed: {MOST_BYTES // 2**20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {quoted(str(path))}: {error.strerror}") from error
    try:
        return form.read(decode(data, path.suffix.lower()), game)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from None
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def decode(data: bytes, suffix: str) -> str:
    """The text of a file, its line breaks made line feeds.

    UTF-8; where that does not fit, what an SGF file says of itself, or Latin-1, which the standards of SGF
    and PGN name.

    Raises:
        RecordError: it is no text.
    """
    if b"\0" in data[:4096] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RecordError("line 1, column 1: no text in UTF-8")
    said = re.search(rb"CA\s*\[([A-Za-z0-9_-]{1,20})\]", data[:4096]) if suffix == ".sgf" else None
    names = ["utf-8"]
    if said is not None:
        names.insert(0, _encoding(said[1].decode()))
    for name in names:
        try:
            return _lines(data.decode(name).removeprefix("\ufeff"))
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            column = error.start - (data[: error.start].rfind(b"\n") + 1) + 1
    if suffix == ".json":
        raise RecordError(f"line {line}, column {column}: no text in UTF-8")  # pyright: ignore
    return _lines(data.decode("latin-1"))


def _encoding(name: str) -> str:
    """A codec's name, where it is one of `ENCODINGS`; else UTF-8."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return "utf-8"
    return found if found in {codecs.lookup(known).name for known in ENCODINGS} else "utf-8"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def save(path: str | Path, records: Sequence[GameRecord]) -> None:
    """Write games to a file, whole or not at all; the end of its name tells the form.

    Raises:
        UserError: the form does not have such games, or the file cannot be written.
    """
    path = Path(path)
    text = format_of(path).write(list(records))
    if not path.parent.is_dir():
        raise UserError(f"cannot write {quoted(str(path))}: there is no folder {quoted(str(path.parent))}")
    try:
        write_whole(path, text)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot write {quoted(str(path))}: {why}") from error
