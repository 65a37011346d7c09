"""The morphable face as a file."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from facial_retarget.core.shapes.identity import IdentityModel

EYES = 63.0  # mm between them


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    shipped = IdentityModel.load()
    modes = shipped.modes + np.random.default_rng(0).normal(0, 1e-4, shipped.modes.shape)
    model = replace(shipped, modes=modes.astype(np.float32))
    model.write(tmp_path / "face.npz")
    again = IdentityModel.read((tmp_path / "face.npz").read_bytes())
    for field in fields(IdentityModel):
        one, other = getattr(model, field.name), getattr(again, field.name)
        assert one.dtype == other.dtype
        if field.name != "modes":
            assert np.array_equal(one, other)
    somebody = np.random.default_rng(1).normal(0, 1, len(modes))
    miss = np.linalg.norm(model.face(somebody) - again.face(somebody), axis=1)
    assert 0 < EYES * miss.mean() < 0.03


def test_reading_keeps_what_is_negative(tmp_path: Path) -> None:
    model = IdentityModel.load()
    mirrored = replace(model, modes=-model.modes)
    mirrored.write(tmp_path / "face.npz")
    again = IdentityModel.read((tmp_path / "face.npz").read_bytes())
    assert np.allclose(again.modes, -model.modes, atol=1e-6)
