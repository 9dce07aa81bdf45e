"""Agents for other programs: an archive of parameters, programs in StableHLO, networks in ONNX."""

from jaxplay.export.archive import WEIGHTS_FILE, export_archive
from jaxplay.export.onnx_file import ONNX_FILE, check_onnx, converted, export_onnx
from jaxplay.export.source import ABOUT_FILE, Source, find_source
from jaxplay.export.stablehlo import PLATFORMS, export_stablehlo

__all__ = [
    "ABOUT_FILE",
    "ONNX_FILE",
    "PLATFORMS",
    "WEIGHTS_FILE",
    "Source",
    "check_onnx",
    "converted",
    "export_archive",
    "export_onnx",
    "export_stablehlo",
    "find_source",
]
