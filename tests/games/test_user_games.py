"""Games of a user's own by name: whatever their modules do, and whatever is named, one line is the answer."""

import sys
from pathlib import Path

import pytest

from jaxplay.cli.named import make_game
from jaxplay.errors import UserError

MODULES = {
    "syntax": (b"x = 1\nx = = 1\n", "syntax.py, line 2: SyntaxError"),
    "null": (b"x = 1\nz\0\n", "null.py, line 2: SyntaxError: a null byte"),
    "latin": (b"x = 1\ns = '\xe9'\n", "SyntaxError"),
    "zero": (b"\n\n1 / 0\n", "zero.py, line 3: ZeroDivisionError: division by zero"),
    "missing_file": (b"open('/no/such/file')\n", "missing_file.py, line 1: FileNotFoundError"),
    "asserts": (b"assert False, 'never'\n", "asserts.py, line 1: AssertionError: never"),
    "two_lines": (b"raise RuntimeError('one\\ntwo')\n", "two_lines.py, line 1: RuntimeError: one two"),
    "leaves": (b"exit()\n", "leaves.py, line 1: SystemExit: exit was called"),
    "says_bye": (b"exit('bye')\n", "says_bye.py, line 1: SystemExit: exit was called: bye"),
    "reads": (b"print(end='')\ninput()\n", "reads.py, line 2: OSError: a module with a game may not read"),
    "reads_all": (b"import sys\nsys.stdin.read()\n", "reads_all.py, line 2: OSError"),
    "own_kind": (b"class Odd(BaseException): pass\nraise Odd\n", "own_kind.py, line 2: Odd"),
    "no_words": (
        b"class Odd(Exception):\n def __str__(self): 1 / 0\nraise Odd\n",
        "no_words.py, line 3: Odd",
    ),
    "helps": (b"import zero\n", "zero.py, line 3: ZeroDivisionError"),
    "endless": (b"def f(): f()\nf()\n", "RecursionError"),
    "needs": (b"import no_such_package\n", "needs.py, line 1: ModuleNotFoundError"),
    "bad_size": (
        b"from jaxplay.game import make\nGAME = make('hex', size=1)\n",
        "bad_size.py, line 2: UserError: hex: size=1",
    ),
    "lacks": (b"class Game: pass\n", "'lacks:Game' is no game: it has no init, step, observe"),
}
"""What a module does, and how that is told of `MODULE:Game`."""

OWN = b"""
from dataclasses import dataclass
from jaxplay.games.nim import Nim

@dataclass(frozen=True)
class Value(Nim):
    def __post_init__(self):
        raise ValueError("bad\\nthing")

class Leaves(Nim):
    def __init__(self):
        exit("c")

class Meta(type):
    def __getattr__(cls, name):
        raise RuntimeError("meta")

class Odd(metaclass=Meta):
    pass

def annotated(size: int = 3) -> Nim:
    return Nim((size,))

def text() -> "Nim":
    return Nim()

def wrong() -> Nim:
    return 5

def plain():
    raise SystemError("it was called")

GAME = Nim((2, 2))
NUMBER = 3
"""

NO_GAMES = {
    "os:getcwd": "a function that makes games says so by its annotation",
    "builtins:print": "a function that makes games says so",
    "builtins:exit": "is no game",
    "builtins:dict": "it has no init, step, observe",
    "time:time": "a function that makes games says so",
    "jaxplay.cli.main:main": "a function that makes games says so",
    "jaxplay.game:GameDefaults": "it has no init, step, observe",
    "jaxplay.game:Game": "Protocols cannot be instantiated",
    "..:x": "allowed: MODULE:NAME",
    ".x:y": "allowed: MODULE:NAME",
    ":x": "allowed: MODULE:NAME",
    "x:": "allowed: MODULE:NAME",
    "a b:c": "allowed: MODULE:NAME",
    "a:b:c": "allowed: MODULE:NAME",
    "os:no_such_name": "has no attribute 'no_such_name'",
    "no_such_module:Game": "No module named 'no_such_module'",
    "own:Value": "own.py, line 8: ValueError: bad thing",
    "own:Leaves": "own.py, line 12: SystemExit: exit was called: c",
    "own:Odd": "RuntimeError: meta",
    "own:wrong": "it has no init, step, observe",
    "own:plain": "a function that makes games says so",
    "own:NUMBER": "it has no init, step, observe",
    "own:GAME,piles=3": "own:GAME has no option 'piles'; it has none",
    "own:annotated,sise=3": "did you mean 'size'?",
    "a" * 100_000: "no game 'aaa",
    "hex\n": "no game",
}


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory):
    """A working directory full of modules."""
    folder: Path = tmp_path_factory.mktemp("modules")
    for name, (code, _) in MODULES.items():
        (folder / f"{name}.py").write_bytes(code)
    (folder / "own.py").write_bytes(OWN)
    for name in ("own", *MODULES):
        sys.modules.pop(name, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield
    for name in ("own", *MODULES):
        sys.modules.pop(name, None)


def told(name: str) -> UserError:
    with pytest.raises(UserError) as caught:
        make_game(name)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 700
    return caught.value


@pytest.mark.parametrize("name", MODULES)
def test_modules_that_fail(name: str, capsys: pytest.CaptureFixture[str]):
    standard_input = sys.stdin
    error = told(f"{name}:Game")
    assert MODULES[name][1] in str(error) and name in str(error)
    assert error.__cause__ is not None or name == "lacks", "what was raised is kept for --verbose"
    assert sys.stdin is standard_input
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", NO_GAMES)
def test_names_that_are_no_games(name: str):
    assert NO_GAMES[name] in str(told(name))


def test_games_of_ones_own():
    assert make_game("own:GAME").piles == (2, 2)
    assert make_game("own:annotated,size=5").piles == (5,)
    assert make_game("own:text").piles == (1, 3, 5, 7)
