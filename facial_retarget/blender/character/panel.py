"""The Face tab's Character, Mapping and Layers."""

from typing import TYPE_CHECKING, Final

from bpy.types import Context, Panel, UILayout, UIList

from ...core.errors import CharacterError
from ..lazy import LazyModule
from ..retarget.panel import draw_understanding
from ..widgets import FacePanel, Icon, draw_text
from . import operators
from .lookup import active_character, active_face
from .properties import FacialCharacterView, FacialLayerRow, FacialMappingRow
from .refresh import refresh_soon

if TYPE_CHECKING:
    from . import view
else:
    view = LazyModule(".view", __package__)

# Below that a match wants to be looked at.
_UNSURE: Final = 0.6
# Of the table's width: what a control's name takes beside its source, and a number at the right.
_HALF: Final = 0.45
_NUMBERS: Final = 0.2
_SUREST: Final = 0.99  # no guess is certain, and a third digit would be cut off
_GUESSED: Final = frozenset({"similar", "shape"})

_ICONS: Final[dict[str, Icon]] = {
    "exact": "CHECKMARK",
    "name": "CHECKMARK",
    "alias": "LINKED",
    "similar": "QUESTION",
    "shape": "SURFACE_DATA",
    "manual": "GREASEPENCIL",
    "missing": "ERROR",
    "none": "BLANK1",
}


class CharacterPanel(FacePanel):
    """A panel that is there with a character alone."""

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Tell whether the active object belongs to a character."""
        try:
            active_character(context)
        except CharacterError:
            return False
        return True


class FACIAL_PT_character(FacePanel, Panel):
    """Who is animated."""

    bl_label = "Character"
    bl_order = 0

    def draw(self, context: Context) -> None:
        """Name the active character and what was found of it, or say why there is none."""
        try:
            character = active_character(context)
        except CharacterError as error:
            _draw_newcomer(self.layout, context, str(error))
            return
        self.layout.label(text=character.face.name, icon="OUTLINER_OB_MESH")
        for line in _shown(context).found.splitlines():
            draw_text(self.layout, context, line, "BLANK1")


class FACIAL_PT_mapping(CharacterPanel, Panel):
    """Which channel drives which control."""

    bl_label = "Mapping"
    bl_order = 20
    bl_options = {"DEFAULT_CLOSED"}
    bl_ui_units_x = 16  # where it pops up: names of controls and channels have room

    def draw(self, context: Context) -> None:
        """Draw the table and, below it, what else there is to say of the chosen row."""
        shown = _shown(context)
        draw_understanding(self.layout, context)
        draw_text(self.layout, context, shown.summary)
        toggles = self.layout.row(align=True)
        toggles.prop(shown, "unsure_only", toggle=True)
        toggles.prop(shown, "worst_first", toggle=True)
        if any(_further(shown)):
            toggles.prop(shown, "show_further", toggle=True)
        row = self.layout.row()
        row.template_list(
            "FACIAL_UL_mapping", "", shown, "rows", shown, "active_row", rows=8, maxrows=16
        )
        _draw_buttons(row.column(align=True), shown)
        if 0 <= shown.active_row < len(shown.rows):
            _draw_details(self.layout, context, shown.rows[shown.active_row])


class FACIAL_UL_mapping(UIList):
    """The rows of the mapping: matched, unmatched and missing."""

    bl_idname = "FACIAL_UL_mapping"

    def draw_item(
        self,
        _context: Context,
        layout: UILayout,
        _data: FacialCharacterView,
        item: FacialMappingRow,
        _icon: int,
        _active_data: FacialCharacterView,
        _active_property: str,
        _index: int,
        _filter: int,
    ) -> None:
        """Draw the control, and what drives it unless that has the same name."""
        row = layout.row(align=True)
        row.active = item.how not in ("missing", "none") or bool(item.voice)
        row.alert = bool(item.problem)
        driven = item.source if item.source != item.name else ""
        if item.voice and not item.source:
            driven = f"voice: {item.voice}"
        halves = row.split(factor=_HALF if driven else 1.0 - _NUMBERS, align=True)
        halves.label(text=item.label, icon=_ICONS[item.how])
        rest = halves.row(align=True)
        if driven:
            rest.label(text=driven)
        if item.how in _GUESSED or (item.source and item.gain != 1.0):
            right = rest.row()
            right.alignment = "RIGHT"
            right.alert = item.how in _GUESSED and item.confidence < _UNSURE
            right.label(text=_number(item))

    def filter_items(  # type: ignore[override]  # Blender takes lists
        self, _context: Context, data: FacialCharacterView, name: str
    ) -> tuple[list[int], list[int]]:
        """Leave out what is not to be seen, and bring the least sure to the top."""
        rows = getattr(data, name)
        seen = _seen(data)
        if typed := self.filter_name.casefold():
            seen = [
                is_seen and typed in row.label.casefold()
                for is_seen, row in zip(seen, rows, strict=True)
            ]
        places: list[int] = []
        if data.worst_first:
            worst = sorted(range(len(rows)), key=lambda number: _sureness(rows[number]))
            places = sorted(range(len(rows)), key=worst.__getitem__)
        return [self.bitflag_filter_item * is_seen for is_seen in seen], places


def _further(shown: FacialCharacterView) -> list[bool]:
    """Return which rows are the further ones: all at once, for there may be a thousand."""
    further = [False] * len(shown.rows)
    shown.rows.foreach_get("is_further", further)
    return further


def _seen(shown: FacialCharacterView) -> list[bool]:
    further, shows_further = _further(shown), bool(shown.show_further)
    if not shown.unsure_only:
        return [shows_further or not is_further for is_further in further]
    return [
        shows_further if is_further else _sureness(row) < _UNSURE
        for is_further, row in zip(further, shown.rows, strict=True)
    ]


def _number(row: FacialMappingRow) -> str:
    """Return how sure a guess is, or how strongly a row is driven that is none."""
    return f"{min(row.confidence, _SUREST):.0%}" if row.how in _GUESSED else f"{row.gain:.3g}"


def _sureness(row: FacialMappingRow) -> float:
    """Return how sure a row is; what the user decided needs no second look."""
    if row.is_further:
        return 2.0
    return 1.0 if row.how == "manual" else float(row.confidence)


class FACIAL_PT_targets(CharacterPanel, Panel):
    """What the head motion and the gaze turn."""

    bl_label = "Head and Eyes"
    bl_parent_id = "FACIAL_PT_mapping"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Context) -> None:
        """Draw the choice for each, and its amount."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.layout.enabled = not operators.disabled_reason(context)
        shown = _shown(context)
        column = self.layout.column()
        column.prop(shown.head, "choice")
        if shown.head.choice == "CHOSEN":
            column.prop(shown.head, "target", icon="BONE_DATA")
        if shown.head.choice != "OFF":
            column.prop(shown.head, "rotation")
            column.prop(shown.head, "translation")
        column = self.layout.column()
        column.prop(shown.gaze, "choice")
        if shown.gaze.choice == "CHOSEN":
            column.prop(shown.gaze, "left", icon="BONE_DATA")
            column.prop(shown.gaze, "right", icon="BONE_DATA")
        if shown.gaze.choice != "OFF":
            column.prop(shown.gaze, "influence")


class FACIAL_PT_layers(CharacterPanel, Panel):
    """The bakes on the character, the uppermost first."""

    bl_label = "Layers"
    bl_order = 30
    bl_ui_units_x = 16  # where it pops up: names of files have room

    def draw(self, context: Context) -> None:
        """Draw a row for each layer."""
        shown = _shown(context)
        if not shown.layers:
            self.layout.label(text="Each bake becomes a layer here.", icon="INFO")
        for layer in shown.layers:
            _draw_layer(self.layout.row(align=True), layer)
        if shown.layers:
            self.layout.operator("facial_retarget.export_face", icon="EXPORT")


def _draw_newcomer(layout: UILayout, context: Context, problem: str) -> None:
    """Name the head that may get its shape keys next, or say why there is none."""
    try:
        face = active_face(context)
    except CharacterError:
        draw_text(layout, context, problem, "INFO")
        return
    layout.label(text=face.name, icon="OUTLINER_OB_MESH")
    advice = "No shape keys yet. Generate them first, or select a character that has some."
    draw_text(layout, context, advice, "INFO")


def _shown(context: Context) -> FacialCharacterView:
    """Return the lists of the active character, or old ones that are made afresh at once."""
    character = active_character(context)
    if not view.is_current(context.scene, character):
        refresh_soon(context.scene, character)
    return view.view_of(context.scene)


def _draw_buttons(column: UILayout, shown: FacialCharacterView) -> None:
    column.operator("facial_retarget.match_controls", text="", icon="SORTALPHA")
    column.operator("facial_retarget.reset_mapping", text="", icon="FILE_REFRESH")
    reset = column.column(align=True)
    row = shown.rows[shown.active_row] if 0 <= shown.active_row < len(shown.rows) else None
    reset.enabled = row is not None and row.how == "manual"
    reset.operator("facial_retarget.reset_row", text="", icon="LOOP_BACK").control = (
        row.name if row else ""
    )
    column.separator()
    column.operator("facial_retarget.load_mapping", text="", icon="IMPORT")
    column.operator("facial_retarget.save_mapping", text="", icon="EXPORT")


def _draw_details(layout: UILayout, context: Context, row: FacialMappingRow) -> None:
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.enabled = not operators.disabled_reason(context)
    if row.how == "missing":
        column.prop(row, "control", icon="SHAPEKEY_DATA")
    else:
        source = column.row()
        source.alert = bool(row.problem)
        source.prop(row, "source")
        amounts = column.column(align=True)
        amounts.active = bool(row.source)
        amounts.prop(row, "gain")
        amounts.prop(row, "offset")
    if row.problem:
        draw_text(layout, context, row.problem, "ERROR")
    elif row.note:
        draw_text(layout, context, row.note, "INFO")
    if row.voice:
        draw_text(layout, context, f"With a voice: {row.voice}", "PLAY_SOUND")


def _draw_layer(row: UILayout, layer: FacialLayerRow) -> None:
    row.label(text=layer.name, icon="LOCKED" if layer.locked else "NLA")
    slider = row.row(align=True)
    slider.ui_units_x = 3.5
    slider.active = layer.show
    slider.enabled = not layer.locked
    slider.prop(layer, "influence", text="", slider=True)
    row.prop(layer, "show", text="", icon="HIDE_OFF" if layer.show else "HIDE_ON", emboss=False)
    row.operator(
        "facial_retarget.delete_layer", text="", icon="X", emboss=False
    ).source = layer.source


CLASSES: Final = (
    FACIAL_UL_mapping,
    FACIAL_PT_character,
    FACIAL_PT_mapping,
    FACIAL_PT_targets,
    FACIAL_PT_layers,
)
