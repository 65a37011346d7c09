import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facial_retarget.core.channels import ARKIT_CHANNELS
from facial_retarget.core.errors import MappingError
from facial_retarget.core.retarget import Mapping, MappingRow, match_controls

MAPPING = match_controls(["jawOpen", "EyeBlink_L", "mouthSmile", "Hat", "まばたき"])


def test_the_summary_counts_each_way_of_matching() -> None:
    assert match_controls(ARKIT_CHANNELS).summary() == "52 exact"
    assert MAPPING.summary() == "1 exact · 2 by name · 48 missing"
    assert match_controls(["Hat"]).summary() == "52 missing"
    assert Mapping(()).summary(channels=()) == "0 missing"


def test_missing_and_unmatched_are_named() -> None:
    assert MAPPING.unmatched == ("Hat", "まばたき")
    assert MAPPING.missing_channels(["jawOpen", "tongueOut", "eyeBlinkLeft"]) == ("tongueOut",)


def test_a_row_edited_by_hand_takes_the_place_of_the_found_one() -> None:
    edited = MAPPING.replaced(MappingRow("Hat", (("browOuterUpLeft", 0.5),)))
    assert edited.row("Hat") == MappingRow(
        "Hat", (("browOuterUpLeft", 0.5),), how="manual", confidence=1.0
    )
    assert [row.control for row in edited.rows] == [row.control for row in MAPPING.rows]
    assert MAPPING.row("Hat").terms == ()
    with pytest.raises(KeyError):
        MAPPING.replaced(MappingRow("Scarf"))


def test_edits_by_hand_survive_matching_again() -> None:
    edited = MAPPING.replaced(MappingRow("jawOpen")).replaced(
        MappingRow("Hat", (("jawOpen", 2.0),), offset=0.1)
    )
    again = match_controls(["jawOpen", "EyeBlink_L", "tongueOut"]).keeping_edits_of(edited)
    assert again.row("jawOpen").terms == ()
    assert again.row("jawOpen").how == "manual"
    assert again.row("tongueOut").how == "exact"
    assert "Hat" not in [row.control for row in again.rows]


def test_a_mapping_says_each_thing_once() -> None:
    with pytest.raises(ValueError, match="two rows"):
        Mapping((MappingRow("a"), MappingRow("a")))
    with pytest.raises(ValueError, match="twice"):
        MappingRow("a", (("jawOpen", 1.0), ("jawOpen", 2.0)))


def test_a_mapping_comes_back_from_json_as_it_was() -> None:
    edited = MAPPING.replaced(MappingRow("Hat", (("jawOpen", -0.25),), "max", offset=1.5))
    assert Mapping.from_json(edited.to_json()) == edited
    assert edited.to_json().isascii()


names = st.text(max_size=8)
gains = st.floats(allow_nan=False, allow_infinity=False)
rows = st.builds(
    MappingRow,
    control=names,
    terms=st.dictionaries(names, gains, max_size=4).map(lambda terms: tuple(terms.items())),
    combine=st.sampled_from(["sum", "mean", "max"]),
    offset=gains,
    how=st.sampled_from(["exact", "name", "alias", "similar", "manual", "none"]),
    confidence=st.floats(0, 1),
    note=names,
)
mappings = st.lists(rows, max_size=6, unique_by=lambda row: row.control).map(
    lambda found: Mapping(tuple(found))
)


@given(mappings)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_every_mapping_survives_json(mapping: Mapping) -> None:
    assert Mapping.from_json(mapping.to_json()) == mapping


def refuses_or_reads(text: str) -> None:
    try:
        assert isinstance(Mapping.from_json(text), Mapping)
    except MappingError as error:
        assert str(error).startswith("The mapping ")
        assert str(error).endswith(".")


@given(st.data())
@settings(derandomize=True, max_examples=300, deadline=None)
def test_damaged_json_is_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    text = MAPPING.to_json()
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    refuses_or_reads(text[:at] + data.draw(st.text(max_size=6)) + text[at + length :])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
row_keys = ["control", "terms", "combine", "offset", "how", "confidence", "note"]


@given(key=st.sampled_from(["format", "version", "rows", *row_keys]), value=anything)
@example(key="terms", value={"jawOpen": 10**400})
@example(key="offset", value=float("nan"))
@example(key="version", value=True)
@settings(derandomize=True, max_examples=300, deadline=None)
def test_any_value_in_any_place_is_read_or_refused_with_a_sentence(key: str, value: object) -> None:
    data = json.loads(MAPPING.to_json())
    (data["rows"][0] if key in row_keys else data)[key] = value
    refuses_or_reads(json.dumps(data))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "[]", '"jawOpen"', "9" * 5000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        Mapping.from_json(text)


def test_a_refusal_names_the_row_and_what_is_wrong_there() -> None:
    data = json.loads(MAPPING.to_json())
    data["rows"][1]["terms"] = {"eyeBlinkLeft": "much"}
    with pytest.raises(MappingError, match="row 2 has no valid gain"):
        Mapping.from_json(json.dumps(data))
    data["rows"][1] = data["rows"][0]
    with pytest.raises(MappingError, match="names a control twice"):
        Mapping.from_json(json.dumps(data))


def test_a_mapping_of_a_later_version_asks_for_an_update() -> None:
    data = json.loads(MAPPING.to_json()) | {"version": 3}
    with pytest.raises(MappingError, match=r"version 3 .* Update the extension"):
        Mapping.from_json(json.dumps(data))


def test_a_preset_keeps_what_a_character_has_and_leaves_the_rest_undriven() -> None:
    kept = MAPPING.limited_to(["EyeBlink_L", "Scarf", "jawOpen"])
    assert [row.control for row in kept.rows] == ["EyeBlink_L", "Scarf", "jawOpen"]
    assert kept.row("jawOpen") == MAPPING.row("jawOpen")
    assert kept.row("Scarf") == MappingRow("Scarf")


def test_a_preset_of_another_character_is_refused() -> None:
    with pytest.raises(MappingError, match="of another character"):
        MAPPING.limited_to(["Scarf", "Gloves"])


@pytest.mark.parametrize(
    "damage",
    [
        {"gram": [[1.0, 2.0]]},
        {"gram": [[0.0]]},
        {"shares": [["much"]]},
        {"shares": [[float("nan")]]},
        {"motions": [{"control": "jawOpen"}]},
        {"motions": [{"control": "jawOpen", "rest": 0, "far": 0, "least": 0, "greatest": 1}]},
        {"exclusive": [[0, 5]]},
        {"channels": 7},
    ],
)
def test_a_damaged_fit_is_refused_in_a_sentence(damage: dict[str, object]) -> None:
    motion = {"control": "jawOpen", "rest": 0.0, "far": 1.0, "least": 0.0, "greatest": 1.0}
    fit = {"motions": [motion], "channels": ["jawOpen"], "gram": [[1.0]], "shares": [[1.0]]}
    data = json.loads(MAPPING.to_json()) | {"fit": fit | {"exclusive": []}}
    assert Mapping.from_json(json.dumps(data)).fit is not None
    data["fit"] |= damage
    with pytest.raises(MappingError, match="what it says of the surface is damaged"):
        Mapping.from_json(json.dumps(data))
