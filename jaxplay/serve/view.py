"""What one seat sees of a game, as JSON. Nothing else of a game is ever sent."""

import re
from typing import Any

from jaxplay.serve.tables import EVERY, Table

SIZE = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"')


def view(table: Table, ply: int | None = None) -> dict[str, Any]:
    """Position number `ply` (None: the last) as the seat of the table sees it."""
    episode, plies = table.episode, table.plies
    at = plies if ply is None else ply
    now = at == plies
    picture, width, height = _picture(table, table.state_at(at))
    return {
        "id": table.id,
        "game": table.offer.name,
        "ply": at,
        "plies": plies,
        "seat": table.seat,
        "level": table.level.name,
        "opponent": table.opponent.player.name,
        "rival": table.rival.player.name,
        "players": table.offer.game.num_players,
        "open": table.is_open,
        "player": None if episode.over else episode.player,
        "your_turn": table.person_moves,
        "over": episode.over,
        "result": _result(table) if episode.over else "",
        "picture": picture,
        "width": width,
        "height": height,
        "events": events(table),
        "legal": legal(table) if now and table.person_moves else [],
        "error": table.error,
    }


def _picture(table: Table, state: Any) -> tuple[str, float, float]:
    """A position as an SVG document, and its size."""
    eyes = None if table.sees_all else int(str(table.seat))
    picture = table.offer.game.render_svg(state, eyes)
    size = SIZE.search(picture)
    if size is None:
        raise ValueError(f"a picture without width and height: {picture[:60]}")
    return picture, float(size[1]), float(size[2])


def events(table: Table) -> list[dict[str, Any]]:
    """The moves and outcomes of chance that the seat may know: its own moves where information is hidden.

    There the picture shows what may be seen of others' moves.
    """
    played = zip(table.episode.events, table.names, strict=True)
    return [
        {"player": event.player, "name": name}
        for event, name in played
        if table.sees_all or event.player == table.seat
    ]


def legal(table: Table) -> list[dict[str, Any]]:
    """The moves that the person may make, and the areas that they are clicked by."""
    episode, path = table.episode, table.offer.board.path
    return [
        {"action": action, "name": episode.name(action), "path": path(episode.state, action)}
        for action in episode.legal()
    ]


def board(table: Table) -> list[dict[str, Any]]:
    """The areas of the board's picture."""
    return [area._asdict() for area in table.offer.board.areas]


def seat_name(table: Table, seat: int) -> str:
    """Who sits there, for people."""
    other = table.rival if table.seat is None and seat % 2 else table.opponent
    return f"{'you' if table.seat in (EVERY, seat) else other.player.name} (player {seat + 1})"


def _result(table: Table) -> str:
    """How the game ended."""
    game, returns = table.offer.game, table.episode.returns
    cut = "the game is cut at its limit of moves; " if table.episode.truncated else ""
    if game.num_players != 2 or not game.zero_sum:
        each = ", ".join(f"{seat_name(table, p)} {returns[p]:g}" for p in range(game.num_players))
        return f"{cut}returns: {each}"
    if returns[0] == returns[1]:
        return f"{cut}a draw"
    winner = int(returns[1] > returns[0])
    return f"{cut}{seat_name(table, winner)} {'win' if table.seat in (EVERY, winner) else 'wins'}"
