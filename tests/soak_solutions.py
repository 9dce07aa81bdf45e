"""The part of the soak for `jaxplay solve`: a solution that is killed, damaged and left without room."""

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from soaking import HARMS, harm

from jaxplay.errors import UserError
from jaxplay.solving import STRATEGY_FILE, SolveConfig, Target, read_curve, resume_solving, solve_game
from jaxplay.solving.session import STATE_FILE

CONFIG = SolveConfig("kuhn_poker")
ITERATIONS = 1_000_000
"""Some seconds of work."""
CODE = """
import sys
from jaxplay.solving import session
session.SAVE_SECONDS, session.CHUNK_SECONDS = 0.05, 0.02
from jaxplay.cli.main import main
sys.exit(main())
"""
"""The command, which saves far more often than it does for people."""


class Solution(NamedTuple):
    """A solution that is killed; see `soaking.Subject`.

    Attributes:
        whole: the folder of one to which nothing happened.
        iterations: of that.
    """

    whole: Path
    iterations: int = ITERATIONS

    @property
    def name(self) -> str:
        """Of this kind."""
        return "solve"

    def create(self, folder: Path) -> None:
        """An empty folder is where the command begins."""
        folder.mkdir(parents=True)

    def command(self, folder: Path, *, further: bool = False) -> list[str]:
        """The same command begins, and goes on."""
        goal = ["--iterations", str(self.iterations + further)]
        return ["-c", CODE, "solve", CONFIG.game, *goal, "--out", str(folder)]

    def points(self, folder: Path) -> int:
        """Points of the curve."""
        return len(read_curve(folder))

    def reached(self, output: str) -> bool:
        """By the words of `jaxplay solve`."""
        return f"after {self.iterations:,} iterations" in output

    def check(self, folder: Path, when: str = "") -> None:
        """By the state, the strategy, and the points that an unbroken curve has."""
        for name in (STATE_FILE, STRATEGY_FILE):
            assert (folder / name).read_bytes() == (self.whole / name).read_bytes(), f"{name} {when}"
        self.check_curve(folder)

    def check_curve(self, folder: Path) -> None:
        """Each point that both curves have is equal, but for the clock."""
        curves = [
            {point["iteration"]: point | {"seconds": 0} for point in read_curve(where)}
            for where in (folder, self.whole)
        ]
        both = curves[0].keys() & curves[1].keys()
        assert both and all(curves[0][number] == curves[1][number] for number in both)


def make(folder: Path, iterations: int = ITERATIONS) -> Solution:
    """One to which nothing happens."""
    solve_game(CONFIG, target=Target(iterations=iterations), out=folder)
    return Solution(folder, iterations)


def harm_files(solution: Solution, chance: random.Random, every: int = 1) -> Counter[str]:
    """Damage each file in each way, every so many: it goes on, equal, or one line says why not."""
    count: Counter[str] = Counter()
    further = Target(iterations=solution.iterations + 100)
    work = solution.whole.with_name(solution.whole.name + "-harmed")
    after = Path(shutil.copytree(solution.whole, work))
    resume_solving(after, target=further)
    wanted = {name: (after / name).read_bytes() for name in (STATE_FILE, STRATEGY_FILE)}
    files = sorted(path.name for path in solution.whole.iterdir())
    for number, (name, how) in enumerate([(name, how) for name in files for how in HARMS]):
        if number % every:
            continue
        shutil.rmtree(work)
        shutil.copytree(solution.whole, work)
        harm(work / name, how, chance)
        message = ""
        try:
            resume_solving(work, target=further)
        except UserError as error:
            message = str(error)
        assert "\n" not in message, f"{name} {how}: {message}"
        equal = all((work / file).read_bytes() == data for file, data in wanted.items())
        assert message or equal, f"{name} {how}"
        count["one line" if message else "went on, equal"] += 1
    shutil.rmtree(work)
    return count
