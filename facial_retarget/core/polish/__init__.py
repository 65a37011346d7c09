"""A raw clip made clean: calibrated, smoothed, its gaps eased, its keys reduced."""

from .one_euro import OneEuro
from .options import CALIBRATIONS, SMOOTHINGS, Calibration, PolishOptions, Smoothing
from .pipeline import jitter_of, polish
from .reduce import reduce_keys

__all__ = [
    "CALIBRATIONS",
    "SMOOTHINGS",
    "Calibration",
    "OneEuro",
    "PolishOptions",
    "Smoothing",
    "jitter_of",
    "polish",
    "reduce_keys",
]
