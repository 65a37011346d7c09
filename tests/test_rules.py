"""The rules of the design, read from the sources: who imports whom, sizes, what never appears."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "facial_retarget"
CORE = PACKAGE / "core"
BLENDER = PACKAGE / "blender"

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 60

BLENDER_MODULES = {"bpy", "bpy_extras", "bmesh", "mathutils", "gpu", "aud", "blf", "addon_utils"}
NETWORK_MODULES = {
    *("aiohttp", "ftplib", "http", "imaplib", "poplib", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "telnetlib", "urllib", "urllib3", "websockets", "xmlrpc"),
}
UNSAFE_MODULES = {"dill", "joblib", "marshal", "pickle", "shelve"}


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path)))


def imported(path: Path) -> Iterator[str]:
    """The absolute names of all modules that a file imports, wherever in it."""
    package = path.relative_to(ROOT).parent.parts
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield from (".".join([*above, node.module or alias.name]) for alias in node.names)


def importers(folder: Path, forbidden: set[str]) -> list[str]:
    """Where a file of `folder` imports one of these modules or something inside them."""
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(folder)
        for name in sorted(set(imported(path)))
        if of(name, forbidden)
    ]


def of(name: str, modules: set[str]) -> bool:
    """Tell whether a name is one of these modules, or of something inside them."""
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


def places(folder: Path, is_meant: Callable[[ast.AST], bool]) -> list[str]:
    """Where a file of `folder` holds such a node."""
    return [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in sources(folder)
        for node in nodes(path)
        if is_meant(node)
    ]


def calls(name: str) -> Callable[[ast.AST], bool]:
    return lambda node: (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    )


def attribute(dotted: str) -> Callable[[ast.AST], bool]:
    return lambda node: isinstance(node, ast.Attribute) and ast.unparse(node) == dotted


def test_core_knows_nothing_of_blender_or_of_what_stands_above_it() -> None:
    above = {f"facial_retarget.{path.stem}" for path in PACKAGE.iterdir()} - {
        "facial_retarget.core"
    }
    assert importers(CORE, BLENDER_MODULES | above | {"training", "tools"}) == []


@pytest.mark.parametrize("source", ["capture", "speech", "polish", "live.py", "microphone.py"])
def test_a_source_knows_nothing_of_what_it_will_move(source: str) -> None:
    targets = {"facial_retarget.core.retarget", "facial_retarget.core.performance"}
    folder = CORE / source
    assert folder.exists()
    files = sources(folder) or [folder]
    assert [name for file in files for name in imported(file) if of(name, targets)] == []


def test_what_writes_the_scene_knows_nothing_of_the_panel() -> None:
    features = {f"facial_retarget.blender.{path.stem}" for path in BLENDER.iterdir()} - {
        "facial_retarget.blender.scene",
        "facial_retarget.blender.compat",
        "facial_retarget.blender.__init__",
    }
    assert importers(BLENDER / "scene", features) == []


def test_the_package_imports_nothing_of_the_tools_that_make_it() -> None:
    assert importers(PACKAGE, {"training", "tools", "tests", "benchmarks"}) == []


def test_imports_inside_the_package_are_relative() -> None:
    # An extension is imported under the name that the user's repository gives it.
    def is_absolute(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom):
            names = [] if node.level else [str(node.module)]
        else:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        return any(name.split(".")[0] == PACKAGE.name for name in names)

    assert places(PACKAGE, is_absolute) == []


def test_the_name_under_which_extensions_are_imported_is_never_written_out() -> None:
    def is_meant(node: ast.AST) -> bool:
        return isinstance(node, ast.Constant) and "bl_ext" in str(node.value)

    assert places(PACKAGE, is_meant) == []


def test_only_compat_asks_which_blender_runs() -> None:
    def asks_for_a_name(node: ast.AST) -> bool:
        # One of the add-on's own properties is asked for by its constant.
        return (
            isinstance(node, ast.Call)
            and calls("hasattr")(node)
            and isinstance(node.args[1], ast.Constant)
        )

    asks = [
        *places(PACKAGE, attribute("bpy.app.version")),
        *places(BLENDER, asks_for_a_name),
    ]
    assert [
        place for place in asks if not place.startswith("facial_retarget/blender/compat.py")
    ] == []


def test_the_scene_is_written_by_data_not_by_operators() -> None:
    assert places(BLENDER / "scene", attribute("bpy.ops")) == []


def test_no_code_reaches_for_the_network() -> None:
    assert importers(PACKAGE, NETWORK_MODULES) == []


def test_nothing_that_comes_from_a_file_is_run() -> None:
    def allows_pickle(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.keyword)
            and node.arg == "allow_pickle"
            and (ast.unparse(node.value) != "False")
        )

    assert importers(PACKAGE, UNSAFE_MODULES) == []
    assert places(PACKAGE, calls("eval")) + places(PACKAGE, calls("exec")) == []
    assert places(PACKAGE, allows_pickle) == []


@pytest.mark.parametrize("folder", ["facial_retarget", "tools", "benchmarks", "tests"])
def test_files_and_functions_are_of_a_size_that_can_be_read(folder: str) -> None:
    def is_long(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
        )

    lengths = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for path in sources(ROOT / folder)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}
    assert places(ROOT / folder, is_long) == []
