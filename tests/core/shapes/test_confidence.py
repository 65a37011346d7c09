"""How far a generated shape is to be trusted."""

import numpy as np
import pytest

from facial_retarget.core.shapes.confidence import Calibration


def test_confidence_rises_with_sureness_and_stays_between_0_and_1() -> None:
    told = Calibration.load()(np.linspace(0.01, 1, 50, dtype=np.float32))
    assert (np.diff(told) >= 0).all()
    assert told.min() >= 0
    assert told.max() <= 1
    assert told[-1] > told[0]


def test_a_shape_that_is_not_there_is_trusted_by_nothing() -> None:
    assert Calibration.load()(np.zeros(2, np.float32)).tolist() == [0, 0]


def test_between_the_table_s_values_confidence_lies_between_them() -> None:
    table = Calibration(np.array([0.2, 0.6], np.float32), np.array([0.5, 0.9], np.float32))
    told = table(np.array([0.1, 0.2, 0.4, 0.6, 0.9], np.float32))
    assert told == pytest.approx([0.5, 0.5, 0.7, 0.9, 0.9])
