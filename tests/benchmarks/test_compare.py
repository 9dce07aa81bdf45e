"""`jaxplay bench compare`: what is slower beyond the noise, and what only looks so."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from jaxplay.benchmarks.cases import Case
from jaxplay.benchmarks.compare import ALIKE, FASTER, SLOWER, UNDECIDED, _counts, compare, rejected
from jaxplay.benchmarks.harness import measure
from jaxplay.benchmarks.records import read, stamped
from jaxplay.cli.main import main
from jaxplay.errors import UserError

REPEATS = 11
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


def record(name: str, rates: list[float], **fields: Any) -> dict[str, Any]:
    """The record of a rate."""
    bounds = {"rate": float(np.median(rates)), "rate_min": min(rates), "rate_max": max(rates)}
    return {
        "benchmark": "env",
        "name": name,
        "repeats": len(rates),
        "sizes": {},
        "rates": rates,
        **bounds,
    } | fields


def noisy(speed: float, rng: np.random.Generator, count: int = REPEATS) -> list[float]:
    """Rates around `speed` with noise of 2 %, and one outlier that somebody else's work caused."""
    rates = speed * np.exp(0.02 * rng.normal(size=count))
    rates[rng.integers(count)] *= rng.uniform(0.5, 1.0)
    return rates.tolist()


def test_a_slowdown_of_ten_percent_is_found_and_noise_is_not():
    """One of twenty cases is slower: it is found in 50 pairs of files, and another one nearly never."""
    rng, found, false = np.random.default_rng(0), 0, 0
    for _ in range(50):
        before = [record(f"case_{i}", noisy(100.0, rng)) for i in range(20)]
        after = [record(f"case_{i}", noisy(90.0 if i == 7 else 100.0, rng)) for i in range(20)]
        slower = [change.name for change in compare(before, after).changes if change.verdict == SLOWER]
        found += "env case_7" in slower
        false += any(name != "env case_7" for name in slower)
    assert found >= 45 and false <= 3


def test_the_interval_is_that_of_the_rank_test():
    """Its ends are where Mann and Whitney's test begins to refuse a factor, by another program."""
    rng = np.random.default_rng(1)
    before, after = noisy(100.0, rng), noisy(95.0, rng)
    (change,) = compare([record("one", before)], [record("one", after)]).changes
    for end, inside in ((change.low, 1.001), (change.high, 0.999)):
        accepted = stats.mannwhitneyu(np.divide(after, end * inside), before, method="exact").pvalue
        refused = stats.mannwhitneyu(np.divide(after, end / inside), before, method="exact").pvalue
        assert refused <= 0.05 < accepted
    quotients = [y / x for x in before for y in after]
    assert change.speed == pytest.approx(np.median(quotients)) and change.low <= change.speed <= change.high


@pytest.mark.parametrize(("first", "second"), [(7, 7), (3, 5), (1, 4)])
def test_ranks(first: int, second: int):
    counts = _counts(first, second)
    assert sum(counts) == math.comb(first + second, first) and len(counts) == first * second + 1
    assert list(counts) == list(counts)[::-1]


def test_too_few_repeats_decide_nothing():
    (change,) = compare([record("one", [100.0] * 3)], [record("one", [10.0] * 3)]).changes
    assert rejected(3, 3, 0.05) == 0 and change.verdict == UNDECIDED and change.speed == pytest.approx(0.1)


def test_seconds_are_better_less_of():
    amount = {"benchmark": "compile", "name": "nim/step", "sizes": {}, "amount": 10.0}
    times = [10.0 + 0.01 * i for i in range(REPEATS)]
    before, after = (amount | {"samples": [factor * t for t in times]} for factor in (1.0, 2.0))
    (change,) = compare([before], [after]).changes
    assert change.verdict == SLOWER and change.speed == pytest.approx(0.5, rel=0.01)
    assert compare([after], [before]).changes[0].verdict == FASTER


def test_files_of_older_versions_are_judged_by_their_extremes():
    def old(low: float, middle: float, high: float) -> dict[str, Any]:
        return record("one", [low, middle, high]) | {"rates": None, "repeats": 7}

    assert compare([old(90, 100, 110)], [old(70, 80, 89)]).changes[0].verdict == SLOWER
    assert compare([old(90, 100, 110)], [old(70, 80, 91)]).changes[0].verdict == ALIKE


def test_every_file_of_results_is_read():
    for path in RESULTS.glob("*.jsonl"):
        assert read(path), path


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Timed by the harness, with a clock that a slow program moves on by a tenth more than a fast one."""
    clock, rng = [0.0], np.random.default_rng(2)
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])

    def works(seconds: float) -> Any:
        def run() -> int:
            clock[0] += seconds * float(np.exp(0.02 * rng.normal()))
            return 0

        return run

    for name, slower in (("a", 1.0), ("b", 1.1)):
        cases = [
            Case(c, works(1e-3 * s), (), 1.0, "call", on_host=True) for c, s in (("x", 1), ("y", slower))
        ]
        results = measure(cases, repeats=9, seconds=0.0)
        lines = [json.dumps(stamped("env", result, {"cores": name})) for result in results]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    files = [str(tmp_path / f"{name}.jsonl") for name in ("a", "b")]
    assert main(["bench", "compare", *files, "--json"]) == 1
    seen = capsys.readouterr()
    assert [row["verdict"] for row in json.loads(seen.out)] == [ALIKE, SLOWER]
    assert "1 of 2 cases slower" in seen.err and "not the same cores: a before, b after" in seen.err
    assert main(["bench", "compare", files[0], files[0]]) == 0
    assert main(["bench", "compare", files[0], str(tmp_path / "none.jsonl")]) == 2
    (tmp_path / "none.jsonl").write_text("nothing")
    assert main(["bench", "compare", files[0], str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl:1 is 'nothing'; allowed: a JSON object" in capsys.readouterr().err


def test_nothing_in_common():
    with pytest.raises(UserError, match="no case in common"):
        compare([record("one", [1.0])], [record("two", [1.0])])
