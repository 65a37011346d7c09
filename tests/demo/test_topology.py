import numpy as np
import pytest

from facial_retarget.demo.topology import (
    edge_loop,
    enclosed_faces,
    grid,
    straight_walk,
    vertex_numbers,
)


def tube(rings: int, around: int) -> np.ndarray:
    """Quads of an open tube; vertex = ring * around + place."""
    ring, place = np.divmod(np.arange((rings - 1) * around), around)
    here, onward = ring * around + place, ring * around + (place + 1) % around
    return np.stack([here, onward, onward + around, here + around], axis=1)


def sheet(rows: int, columns: int) -> np.ndarray:
    """Quads of a flat sheet; vertex = row * columns + column."""
    row, column = np.divmod(np.arange((rows - 1) * (columns - 1)), columns - 1)
    corner = row * columns + column
    return np.stack([corner, corner + 1, corner + columns + 1, corner + columns], axis=1)


def test_an_edge_loop_goes_once_around() -> None:
    assert edge_loop(tube(5, 6), 12, 13) == [12, 13, 14, 15, 16, 17]


def test_an_edge_loop_that_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="ends at"):
        edge_loop(sheet(4, 4), 5, 6)


def test_a_walk_crosses_a_sheet_in_a_straight_line() -> None:
    assert straight_walk(sheet(4, 5), 2, 7) == [2, 7, 12, 17]


def test_a_walk_along_the_rim_ends_at_the_corner() -> None:
    assert straight_walk(sheet(4, 5), 0, 1) == [0, 1, 2, 3, 4]


def test_a_loop_walls_off_what_lies_behind_it() -> None:
    faces = tube(6, 5)
    reached = enclosed_faces(faces, 0, [(15, 16)])
    assert reached.sum() == 15
    assert faces[reached].max() < 20


def test_a_band_is_read_from_either_end() -> None:
    band = grid(sheet(3, 4), 0, 3)
    assert band.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert grid(sheet(3, 4), 11, 8)[0].tolist() == [11, 10, 9, 8]


def test_vertices_are_numbered_anew_without_gaps() -> None:
    used, faces = vertex_numbers(np.array([[7, 3, 9, 12]]))
    assert used.tolist() == [3, 7, 9, 12]
    assert faces.tolist() == [[1, 0, 2, 3]]
