"""Speech from another throat and through another recorder."""

import torch

from facial_retarget.core.speech.features import MEL_BANDS
from training.speech.coloring import colored


def test_nothing_is_fainter_than_silence() -> None:
    torch.manual_seed(0)
    made = colored(torch.full((32, 20, MEL_BANDS), -3.5))
    assert made.min() == -4.0


def test_every_piece_sounds_otherwise_but_keeps_its_changes_in_time() -> None:
    torch.manual_seed(0)
    rows = -1 + torch.linspace(0, 1, 50)[None, :, None].expand(16, 50, MEL_BANDS)
    made = colored(rows)
    assert made[:, 0].std(dim=0).mean() > 0.1
    rise = made[:, -1, :20] - made[:, 0, :20]
    assert torch.allclose(rise, torch.ones_like(rise), atol=1e-4)


def test_some_pieces_lose_their_treble() -> None:
    torch.manual_seed(0)
    made = colored(torch.full((200, 4, MEL_BANDS), -1.0))
    is_muffled = (made[:, 0, 30] - made[:, 0, -1]) > 2.0
    assert 0.1 < is_muffled.float().mean() < 0.4
