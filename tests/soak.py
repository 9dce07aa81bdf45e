"""Runs that are killed and damaged again and again: `make soak`, or `python tests/soak.py --kills 10`.

Each trial must end bit for bit where an unbroken run ends, or say in one line why not. The counts are
printed. The tests run a short form of it.
"""

import argparse
import dataclasses
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import small_leagues
import soak_solutions
from small_runs import RUN, abstract, digest
from soaking import HARMS, Subject, fill_disk, harm, kill, race, set_clock_back

from jaxplay.checkpoint import Checkpoints, Goal, create_run
from jaxplay.config import RunConfig
from jaxplay.errors import UserError
from jaxplay.run import records, resume, train
from jaxplay.training import make_training

STEPS = 24
KINDS = ("plain", "rare", "league", "solve")


class Kind(NamedTuple):
    """A run that is killed.

    Attributes:
        name: of this kind.
        config: of the run.
        digest: of its last state, if nothing happens to it.
    """

    name: str
    config: RunConfig
    digest: int

    def create(self, folder: Path) -> None:
        """See `soaking.Subject`, also below."""
        create_run(folder, self.config, Goal(steps=STEPS))

    def command(self, folder: Path, *, further: bool = False) -> list[str]:
        """A run goes on to its goal, or to one more step."""
        more = ["--steps", str(STEPS + 1)] if further else []
        return ["-m", "jaxplay.cli.main", "resume", str(folder), *more]

    def points(self, folder: Path) -> int:
        """Records of metrics."""
        return len(records.read(folder / "metrics.jsonl"))

    def reached(self, output: str) -> bool:
        """By the words of `jaxplay resume`."""
        return "has reached its goal" in output or f"finished at step {STEPS}" in output

    def check(self, folder: Path, when: str = "") -> None:
        """By the state."""
        assert last_digest(folder, self.config) == self.digest, f"{self.name} {when}"


def last_digest(folder: Path, config: RunConfig, step: int | None = None) -> int:
    """The digest of the newest state of a run, or of that of `step`."""
    state, _ = Checkpoints(folder, warn=lambda line: None).restore(
        abstract(make_training(config.training)), step
    )
    return digest(state)


def kinds(folder: Path, names: list[str]) -> Iterator[Kind]:
    """The kinds of these names; a run of each is trained once without trouble."""
    league = dataclasses.replace(RUN, training=small_leagues.TRAINING)
    bases = {"plain": (RUN, 0.0), "rare": (RUN, 0.02), "league": (league, 0.0)}
    for name in names:
        config = dataclasses.replace(bases[name][0], checkpoint_minutes=bases[name][1])
        train(config=config, steps=STEPS, out=folder / name, progress=False)
        yield Kind(name, config, last_digest(folder / name, config))


def harm_checkpoints(kind: Kind, folder: Path, chance: random.Random, every: int = 1) -> Counter[str]:
    """Damage each file of the newest checkpoint in each way, every so many of them: the one before is read.

    Damage that changes nothing may be passed over in silence; what is read is then what was written.
    """
    count: Counter[str] = Counter()
    shape = abstract(make_training(kind.config.training))
    steps = Checkpoints(folder).steps()
    if len(steps) < 2:
        return Counter({"one checkpoint only": 1})
    before = last_digest(folder, kind.config, steps[-2])
    newest = folder / "checkpoints" / f"{steps[-1]:09d}"
    paths = sorted(path.relative_to(newest) for path in newest.rglob("*") if path.is_file())
    keep = Path(shutil.copytree(newest, folder.with_name(folder.name + "-newest")))
    for number, (path, how) in enumerate([(path, how) for path in paths for how in HARMS]):
        if number % every:
            continue
        harm(newest / path, how, chance)
        warnings: list[str] = []
        state, _ = Checkpoints(folder, warn=warnings.append).restore(shape)
        silent = digest(state) == kind.digest and not warnings
        told = digest(state) == before and len(warnings) == 1 and "\n" not in warnings[0]
        assert silent or told, f"{path} {how}: {warnings}"
        count["fell back" if told else "did not matter"] += 1
        shutil.rmtree(newest)
        shutil.copytree(keep, newest)
    shutil.rmtree(keep)
    return count


def harm_run(kind: Kind, folder: Path, chance: random.Random, every: int = 1) -> Counter[str]:
    """Damage each file of a run that is no part of a checkpoint: it goes on, equal, or says why not."""
    count: Counter[str] = Counter()
    work = folder.with_name(folder.name + "-harmed")
    after = Path(shutil.copytree(folder, work))
    resume(after, steps=STEPS + 1, progress=False)
    wanted = last_digest(after, kind.config)
    paths = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if "checkpoints" not in p.parts]
    files = [path for path in paths if (folder / path).is_file()]
    for number, (path, how) in enumerate([(path, how) for path in files for how in HARMS]):
        if number % every:
            continue
        shutil.rmtree(work)
        shutil.copytree(folder, work)
        harm(work / path, how, chance)
        message = ""
        try:
            resume(work, steps=STEPS + 1, progress=False)
        except UserError as error:
            message = str(error)
        assert "\n" not in message, f"{path} {how}: {message}"
        assert message or last_digest(work, kind.config) == wanted, f"{path} {how}"
        count["one line" if message else "went on, equal"] += 1
    shutil.rmtree(work)
    return count


def run_trials(kind: Kind, whole: Path, chance: random.Random) -> dict[str, Callable[[], Counter[str]]]:
    """What is done with the files of a run."""
    return {
        "files of a checkpoint": lambda: harm_checkpoints(kind, whole, chance),
        "other files": lambda: harm_run(kind, whole, chance),
    }


def trials(
    subject: Subject, folder: Path, kills: int, chance: random.Random
) -> dict[str, Callable[[], Counter[str]]]:
    """What happens to the processes of everything that runs in a folder."""
    return {
        "signals": lambda: kill(subject, folder / f"{subject.name}-kills", kills, chance),
        "full disk": lambda: fill_disk(subject, folder / f"{subject.name}-disk", chance),
        "two processes": lambda: race(subject, folder / f"{subject.name}-race", 3, chance),
        "clock set back": lambda: set_clock_back(subject, folder / f"{subject.name}-clock"),
    }


def soak(folder: Path, names: list[str], kills: int, seed: int) -> None:
    """All trials of some kinds, and a line for each trial that says how often what happened."""
    chance = random.Random(seed)
    for kind in kinds(folder / "whole", [name for name in names if name != "solve"]):
        whole = folder / "whole" / kind.name
        report(kind.name, trials(kind, folder, kills, chance) | run_trials(kind, whole, chance))
    if "solve" in names:
        solution = soak_solutions.make(folder / "whole" / "solve")
        harms = {"files": lambda: soak_solutions.harm_files(solution, chance)}
        report(solution.name, trials(solution, folder, kills, chance) | harms)


def report(name: str, found: dict[str, Callable[[], Counter[str]]]) -> None:
    """Do the trials, and print a line for each."""
    for trial, act in found.items():
        began, count = time.monotonic(), act()
        told = ", ".join(f"{what} {number}" for what, number in sorted(count.items()))
        print(f"{name}, {trial}: {told} ({time.monotonic() - began:.0f} s)", flush=True)


def main() -> None:
    """The whole soak, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40, help="signals for each kind")
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=KINDS,
        default=KINDS,
        help="saves at every step; rarely; a league; a solution",
    )
    parser.add_argument("--seed", type=int, default=None, help="of the moments and damages")
    args = parser.parse_args()
    seed = random.randrange(10**6) if args.seed is None else args.seed
    print(f"seed {seed}, {jax.devices()[0].device_kind}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        soak(Path(folder), args.kinds, args.kills, seed)


if __name__ == "__main__":
    main()
