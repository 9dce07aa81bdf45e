"""What the processor tells of itself."""

from typing import Any

import pytest

from jaxplay.config import MLPConfig
from jaxplay.presets import derived, preset
from jaxplay.presets.processor import multiplies_bfloat16


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("model name\t: some\nflags\t\t: fpu avx512f avx512_bf16\n", True),
        ("flags\t\t: fpu amx_bf16 amx_tile\n", True),
        ("flags\t\t: fpu avx512f avx512_bf16x\n", False),
        ("Features\t: fp asimd bf16\n", False),
        ("", False),
    ],
)
def test_flags_tell(tmp_path, said, found):
    path = tmp_path / "cpuinfo"
    path.write_text(said)
    assert multiplies_bfloat16(path) is found


def test_a_machine_that_does_not_tell_has_none(tmp_path):
    assert multiplies_bfloat16(tmp_path / "nothing") is False


@pytest.mark.parametrize("game", ["connect_four", "othello", "hex"])
def test_presets_of_searches_follow_the_processor(game):
    network: Any = preset(game).training.network
    assert network.bfloat16 is multiplies_bfloat16()


def test_an_accelerator_does_not_ask_the_processor(monkeypatch):
    """Hex 4x4 is too small for convolutions; a CPU's preset of the same width does ask."""
    monkeypatch.setattr(derived, "multiplies_bfloat16", lambda: True)
    games = {name: preset("hex", name, {"size": 4}).training.network for name in ("cpu", "gpu")}
    networks: dict[str, Any] = games
    assert all(isinstance(network, MLPConfig) for network in networks.values())
    assert networks["cpu"].bfloat16 is True and networks["gpu"].bfloat16 is False


@pytest.mark.parametrize("game", ["kuhn_poker", "twenty_forty_eight", "backgammon", "tic_tac_toe"])
def test_small_differences_and_small_networks_stay_in_float32(game):
    network: Any = preset(game).training.network
    assert network.bfloat16 is False
