"""The UCI protocol: commands come in also while a search goes on."""

from collections.abc import Callable

from jaxplay.errors import UserError
from jaxplay.protocols.inbox import Inbox
from jaxplay.protocols.uci_session import UciSession

STOPS = ("stop", "quit", "ponderhit")


def serve(session: UciSession, inbox: Inbox, write: Callable[[str], None]) -> None:
    """Obey commands until `quit`, or until there are no more; mistakes are told as `info string`."""
    for line in inbox:
        words = line.split()
        if words[:1] == ["quit"]:
            return
        try:
            _obey(session, words, inbox, write)
        except UserError as error:
            write(f"info string {error}")


def _obey(session: UciSession, words: list[str], inbox: Inbox, write: Callable[[str], None]) -> None:
    match words:
        case ["uci" | "d" as question, *_]:
            shown = session.game.render(session.episode.state).splitlines()
            for line in shown if question == "d" else session.identity():
                write(line)
        case ["isready", *_]:
            session.warm_up()
            write("readyok")
        case ["setoption", *rest]:
            session.set_option(rest)
        case ["position", *rest]:
            session.set_position(rest)
        case ["go", *rest]:
            write(session.go(rest, _watch(inbox, write), write))
        case ["ucinewgame" | "stop" | "ponderhit" | "debug" | "register", *_] | []:
            pass
        case [unknown, *_]:
            write(f"info string unknown command {unknown[:40]}")


def _watch(inbox: Inbox, write: Callable[[str], None]) -> Callable[[], bool]:
    """What a search asks whether to stop. It answers `isready`; other commands stop it and come next."""
    stopped = False

    def watch() -> bool:
        nonlocal stopped
        while not stopped and (line := inbox.look()) is not None:
            word = line.split()[:1]
            if word == ["isready"]:
                write("readyok")
            elif word:
                stopped = True
                if word[0] not in STOPS or word[0] == "quit":
                    inbox.put_back(line)
        return stopped or inbox.ended

    return watch
