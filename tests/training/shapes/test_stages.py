"""Stages that were done are not done again, unless what they depend on changed."""

from pathlib import Path

import numpy as np
import pytest

from training.shapes.stages import Stages, fingerprint, source_of


class Counted:
    """A stage that tells how often it was made."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> dict[str, np.ndarray]:
        self.count += 1
        return {"faces": np.full(3, self.count, np.float32)}


def test_a_stage_that_is_kept_is_not_made_again(tmp_path: Path) -> None:
    make, inputs = Counted(), ["settings", np.arange(3)]
    first = Stages(tmp_path)("on_template", inputs, make)
    again = Stages(tmp_path)("on_template", inputs, make)
    assert make.count == 1
    assert again["faces"].tolist() == first["faces"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    "inputs",
    [["other", np.arange(3)], ["settings", np.arange(4)], ["settings", np.arange(3.0)]],
    ids=["settings", "values", "type"],
)
def test_a_stage_is_made_again_when_what_it_was_made_from_changes(
    tmp_path: Path, inputs: list[object]
) -> None:
    make = Counted()
    Stages(tmp_path)("on_template", ["settings", np.arange(3)], make)
    Stages(tmp_path)("on_template", inputs, make)
    assert make.count == 2


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    make = Counted()
    Stages(tmp_path)("fold", ["settings"], make)
    next(tmp_path.iterdir()).write_bytes(b"PK\x03\x04 cut off")
    assert Stages(tmp_path)("fold", ["settings"], make)["faces"][0] == 2


def test_a_stopped_stage_leaves_nothing(tmp_path: Path) -> None:
    def stopped() -> dict[str, np.ndarray]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path)("fold", ["settings"], stopped)
    assert not list(tmp_path.iterdir())


def test_code_is_part_of_what_a_stage_depends_on(tmp_path: Path) -> None:
    file = tmp_path / "fit.py"
    file.write_text("ROUNDS = 14\n")
    before = fingerprint([source_of(tmp_path)])
    file.write_text("ROUNDS = 15\n")
    assert fingerprint([source_of(tmp_path)]) != before
    assert source_of(file) == "ROUNDS = 15\n"
