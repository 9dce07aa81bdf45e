"""SGF, the Smart Game Format (https://www.red-bean.com/sgf/): Go, Hex, Othello and gomoku.

Whoever makes the first move of Hex and of gomoku is player 0, whatever its colour. Passes that Othello
forces, and those that Go needs where a colour moves twice in a row, need not be written.
"""

from typing import Any

import numpy as np

from jaxplay.errors import UserError
from jaxplay.game import Game
from jaxplay.games.go import Go
from jaxplay.games.hex import Hex
from jaxplay.games.othello import Othello
from jaxplay.records._sgf_games import GIVING_UP, SWAPS, Board, board_of, make_game, read_point
from jaxplay.records._sgf_result import read_result, write_result
from jaxplay.records._sgf_tree import Node, Value, read_trees
from jaxplay.records.model import MOST_NESTED, GameRecord, Ply, refuse
from jaxplay.records.scribe import begin, tell_ply
from jaxplay.rollout.host import HostEpisode
from jaxplay.text import parse_digits, parse_float

COLOURS = ("B", "W")
TAGS = {"EV": "event", "DT": "date", "PC": "place", "RO": "round"}
"""Properties that have a name of their own in records."""
KEPT = (
    *("AN", "AP", "BR", "BT", "CP", "GC", "GN", "HA"),
    *("ON", "OT", "RU", "SO", "TM", "US", "WR", "WT"),
)
"""Properties of the root that are kept by their own names."""
MARKS = {"TE": (1, 3), "BM": (2, 4), "IT": (5, 5), "DO": (6, 6)}
"""Numeric glyphs of judgements of moves, single and emphasized."""
OWN_OPTION, OWN_ENDING, OWN_VALUES, OWN_LOSS, OWN_BEST = "JO", "JE", "JV", "JL", "JB"
"""Private properties: options of the game, an ending, and what an engine says of a move."""
WRITTEN_ENDINGS = ("cut", "agreed")
"""Endings that results do not tell."""


def read(text: str, game: Game[Any] | None = None) -> list[GameRecord]:
    """The games of a file.

    Args:
        text: of the file.
        game: whose options hold where the file does not tell them (`hex` without the swap rule).

    Raises:
        RecordError: it is no such file, or a move is not legal.
    """
    return [_Game(text, root, game).record() for root in read_trees(text)]


class _Game:
    """One game tree while it is read."""

    def __init__(self, text: str, root: Node, given: Game[Any] | None) -> None:
        self.text, self.root = text, root
        game = self._game(given)
        self.board: Board = self._try(root.offset, lambda: board_of(game))
        self.game, self.ending, self.loser = game, None, 0
        self.swapped_sides = False
        self.colours = self._colours()

    def _try(self, offset: int, do: Any) -> Any:
        """What `do` gives; its errors are told with the place."""
        try:
            return do()
        except UserError as error:
            raise refuse(self.text, offset, error) from None

    def _game(self, given: Game[Any] | None) -> Game[Any]:
        root, options = self.root, {}
        for value in root.properties.get(OWN_OPTION, []):
            name, _, option = value.text.partition(":")
            options[name] = option
        told = (root.text("GM", "1"), root.text("SZ"), root.text("KM"))
        found = self._try(root.offset, lambda: make_game(*told, options))
        return given if given is not None and not options and _alike(given, found) else found

    def _colours(self) -> str:
        """The colours of players 0 and 1."""
        if isinstance(self.game, Go | Othello):
            return "BW"
        node: Node | None = self.root
        while node is not None:
            for name in node.properties:
                if name in COLOURS:
                    return name + COLOURS[1 - COLOURS.index(name)]
            node = node.children[0] if node.children else None
        return "BW"

    def record(self) -> GameRecord:
        root, episode = self.root, begin(self.game)
        setup = self._set_up(episode)
        placed = [tell_ply(episode.before(i + 1)) for i in range(setup)]
        plies, comment = self._line(root, episode, 0)
        ended = bool(episode.state.terminated)
        returns, ending = read_result(root.text("RE"), self.colours, ended=ended)
        if self.ending is not None and returns is None:
            returns, ending = ((-1.0, 1.0), (1.0, -1.0))[self.loser], self.ending
        if returns is None and ended:
            returns, ending = tuple(map(float, episode.returns)), "rules"
        if root.text(OWN_ENDING) in WRITTEN_ENDINGS:
            returns, ending = returns or (0.0, 0.0), root.text(OWN_ENDING)
        names = tuple(root.text(f"P{colour}").strip() for colour in self.colours)
        tags = {name: root.text(key) for key, name in TAGS.items() if root.text(key)}
        tags |= {key: root.text(key) for key in KEPT if root.text(key)}
        found = GameRecord(
            self.game,
            (*placed, *plies),
            names if any(names) else (),
            returns,
            ending,
            setup,
            comment=comment,
            tags=tags,
        )
        said = root.text("RE")
        if said and said != write_result(found, episode, self.colours):
            tags["result"] = said
        return found

    def _set_up(self, episode: HostEpisode) -> int:
        """Place the stones of the root's AB and AW; the number of plies that takes."""
        stones = {colour: self._points(self.root, f"A{colour}") for colour in COLOURS}
        if isinstance(self.game, Othello):
            self._check_discs(stones, episode)
            return 0
        first, second = (stones[colour] for colour in self.colours)
        whose = parse_player(self.root.text("PL"))
        turns = max(len(first), len(second))
        for i in range(turns):
            for player, points in enumerate((first, second)):
                if i < len(points):
                    self._place(episode, *points[i])
                elif player == 0 or i < turns - 1:
                    self._pass(episode, self.root)
        if whose is not None and turns and COLOURS[whose] != self.colours[episode.player]:
            self._pass(episode, self.root)
        return len(episode.events)

    def _check_discs(self, stones: dict[str, list[tuple[Value, int]]], episode: HostEpisode) -> None:
        board = np.asarray(self.game.observe(episode.state, None)).reshape(-1, 2)
        for (colour, points), plane in zip(stones.items(), board.T, strict=True):
            wanted = set(np.flatnonzero(plane).tolist())
            if points and {action for _, action in points} != wanted:
                raise refuse(
                    self.text, points[0][0].offset, f"A{colour}: allowed: the discs of the first position"
                )

    def _points(self, node: Node, name: str) -> list[tuple[Value, int]]:
        """The points of a list; `aa:cc` is a rectangle."""
        found = []
        for value in node.properties.get(name, []):
            begin, colon, end = value.text.partition(":")
            first = self._try(value.offset, lambda begin=begin: read_point(self.board, begin))
            last = self._try(value.offset, lambda end=end: read_point(self.board, end)) if colon else first
            (top, left), (bottom, right) = (divmod(point, self.board.columns) for point in (first, last))
            cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
            found += [(value, row * self.board.columns + column) for row, column in cells]
        return found

    def _place(self, episode: HostEpisode, value: Value, action: int) -> None:
        self._try(value.offset, lambda: episode.follow(action))

    def _pass(self, episode: HostEpisode, node: Node, why: str = "the colours do not alternate") -> None:
        if self.board.passing is None:
            raise refuse(self.text, node.offset, f"{why}, and in this game nobody passes")
        self._try(node.offset, lambda: episode.follow(int(self.board.passing or 0)))

    def _line(self, node: Node, episode: HostEpisode, depth: int) -> tuple[list[Ply], str]:
        """The main line from a node on, with its variations; and what is said before the first move."""
        plies: list[Ply] = []
        before, comment = episode.before(len(episode.events)), ""
        others: list[Node] = []
        current: Node | None = node
        while current is not None:
            count = len(plies)
            said = self._node(current, episode, plies, main=depth == 0)
            if len(plies) == count:  # nothing was played
                if plies:
                    plies[-1] = plies[-1]._replace(comment=_joined(plies[-1].comment, said))
                else:
                    comment = _joined(comment, said)
            elif others:
                lines = self._variations(others, before, depth)
                plies[count] = plies[count]._replace(variations=lines)
                others = []
            if current.children:
                before = episode.before(len(episode.events))
                others = [*others, *current.children[1:]]
            current = current.children[0] if current.children else None
        return plies, comment

    def _variations(self, nodes: list[Node], before: HostEpisode, depth: int) -> tuple[tuple[Ply, ...], ...]:
        if depth >= MOST_NESTED:
            raise refuse(
                self.text, nodes[0].offset, f"variations are nested too deeply; allowed: {MOST_NESTED}"
            )
        found, sides = [], self.swapped_sides
        for node in nodes:
            plies, said = self._line(node, before.before(len(before.events)), depth + 1)
            self.swapped_sides = sides
            if plies:
                plies[0] = plies[0]._replace(comment=_joined(said, plies[0].comment))
                found.append(tuple(plies))
        return tuple(found)

    def _node(self, node: Node, episode: HostEpisode, plies: list[Ply], *, main: bool) -> str:
        """Play the moves of a node; its comment, which belongs to the last of them."""
        comment = node.text("C").strip()
        if node is not self.root and (
            "AB" in node.properties or "AW" in node.properties or "AE" in node.properties
        ):
            raise refuse(
                self.text, node.offset, "stones are set up after the first node; allowed: moves alone"
            )
        moves = [
            (name, value) for name in node.properties if name in COLOURS for value in node.properties[name]
        ]
        played = False
        for colour, value in moves:
            played = self._move(node, colour, value, episode, plies, main=main) or played
        if played:
            plies[-1] = plies[-1]._replace(comment=comment, **self._said(node, moves[-1][0]))
        return "" if played else comment

    def _move(
        self, node: Node, colour: str, value: Value, episode: HostEpisode, plies: list[Ply], *, main: bool
    ) -> bool:
        """Play a move; False where it is none: a player gives up, or passes in a game that is over."""
        word = value.text.strip().lower()
        if word in GIVING_UP:
            self.ending, self.loser = (
                (GIVING_UP[word], self.colours.index(colour)) if main else (self.ending, 0)
            )
            return False
        self._bring_turn(node, colour, value, episode, plies)
        action = self._try(
            value.offset, lambda: read_point(self.board, value.text, transposed=self.swapped_sides)
        )
        if episode.state.terminated and action == self.board.passing:
            return False
        self._try(value.offset, lambda: _follow(episode, action, value.text))
        plies.append(tell_ply(episode))
        self.swapped_sides = self.swapped_sides or word == SWAPS[1]
        return True

    def _bring_turn(
        self, node: Node, colour: str, value: Value, episode: HostEpisode, plies: list[Ply]
    ) -> None:
        """Make passes that are not written."""
        if isinstance(self.game, Hex) or episode.state.terminated:
            return
        forced = isinstance(self.game, Othello) and value.text.strip().lower() not in ("", "tt", "pass", "pa")
        while self.colours[episode.player] != colour and not episode.state.terminated:
            if forced and episode.legal() != [self.board.passing]:
                raise refuse(self.text, value.offset, f"{colour} is not to move")
            self._pass(episode, node)
            plies.append(tell_ply(episode))
            if not forced and isinstance(self.game, Othello):
                break

    def _said(self, node: Node, colour: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        clock = parse_float(node.text(f"{colour}L"))
        if clock is not None:
            found["clock"] = clock
        marks = [
            emphasized if parse_digits(node.text(name)) == 2 else single
            for name, (single, emphasized) in MARKS.items()
            if name in node.properties
        ]
        values = [parse_float(part) for part in node.text(OWN_VALUES).split(":")]
        if len(values) == self.game.num_players and None not in values:
            found["values"] = tuple(values)
        loss = parse_float(node.text(OWN_LOSS))
        found |= {} if loss is None else {"loss": loss}
        return found | {"best": node.text(OWN_BEST) or None, "marks": tuple(marks)}


def parse_player(text: str) -> int | None:
    """Whose turn PL says it is: 0 for black, 1 for white; None where it does not say."""
    return {"b": 0, "black": 0, "w": 1, "white": 1}.get(text.strip().lower())


def _alike(given: Any, found: Any) -> bool:
    """Whether two games are one but for options that SGF has no word for."""
    if type(given) is not type(found):
        return False
    return board_of(given)[1:] == board_of(found)[1:] and getattr(given, "komi", 0) == getattr(
        found, "komi", 0
    )


def _follow(episode: HostEpisode, action: int, text: str) -> None:
    try:
        episode.follow(action)
    except UserError as error:
        told = str(error) if episode.state.terminated else "not legal here"
        raise UserError(f"move {text!r}: {told}") from None


def _joined(first: str, second: str) -> str:
    return f"{first}\n{second}".strip("\n")
