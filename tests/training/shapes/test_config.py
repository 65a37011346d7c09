"""The settings of a training."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

from facial_retarget.core.errors import FormatError
from training.shapes.commands.common import CONFIG
from training.shapes.config import ShapesConfig
from training.shapes.licences import licence_of_all


def test_the_committed_settings_are_whole_and_their_data_may_ship() -> None:
    config = ShapesConfig.read(CONFIG)
    assert config.personal in config.families
    assert licence_of_all(config.families)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("drawn = ", "is not the settings"),
        ("drawm = 60", "drawm"),
        ("[regression]\npatch = 3", "patch"),
        ('families = ["ict", "ikt"]', "no family called ikt"),
    ],
)
def test_what_is_misspelt_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(FormatError, match=sentence):
        ShapesConfig.read(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.toml"):
        ShapesConfig.read(tmp_path / "none.toml")


def test_a_family_is_left_out_and_all_else_stays() -> None:
    config = ShapesConfig(drawn=7).without("ict")
    assert config.families == ("makehuman", "valid", "vitruvian")
    assert config.drawn == 7
