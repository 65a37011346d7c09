"""What lies in models/: listed, hashed, licensed and described."""

import json
import re
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[1] / "models"
INDEX = json.loads((MODELS / "index.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", INDEX)
def test_a_listed_model_has_a_hash_a_licence_and_a_card_that_states_them(name: str) -> None:
    entry = INDEX[name]
    card = (MODELS / f"{name}.md").read_text(encoding="utf-8")
    assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
    assert entry["sha256"] in card
    assert entry["licence"] in card
    assert entry["file"] in card


def test_no_model_lies_there_unlisted() -> None:
    files = {path.name for path in MODELS.iterdir() if path.suffix not in {".md", ".txt", ".json"}}
    assert files <= {entry["file"] for entry in INDEX.values()}
