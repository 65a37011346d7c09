"""The same speech from another throat and through another recorder, made of log-mel rows.

Shapes: (batch, rows, MEL_BANDS), in units of 20 dB as core.speech.features has them.
"""

from typing import Final

import torch
from torch import Tensor

_FAINTEST: Final = -4.0
_DECIBELS: Final = 1 / 20.0
_BANDS_AN_OCTAVE: Final = 12.0  # about, in the upper half of the mel scale
_MIDDLE_BAND: Final = 26  # at some 1.5 kHz, about which a spectrum is tilted

_THROAT: Final = 0.1  # how much longer or shorter
_TILT: Final = 3.0  # dB an octave
_LEVEL: Final = 6.0  # dB
_SHARE_MUFFLED: Final = 0.3
_MUFFLED_FROM: Final = (38.0, 62.0)  # bands: from 2.8 kHz, a telephone, to 7, an MP3
_MUFFLED_BY: Final = (4.0, 12.0)  # dB a band


def colored(mel: Tensor) -> Tensor:
    """Return pieces, each warped, tilted, muffled and made louder by a random measure.

    The warp is that of vocal tract length perturbation (Jaitly and Hinton 2013).
    """
    bands = torch.arange(mel.shape[2], device=mel.device, dtype=mel.dtype)
    warped = _warped(mel, bands)
    tilt = _TILT * _normal(mel) / _BANDS_AN_OCTAVE * (bands - _MIDDLE_BAND)
    change = _LEVEL * _normal(mel) + tilt - _muffling(mel, bands)
    return (warped + _DECIBELS * change[:, None, :]).clamp(min=_FAINTEST)


def _warped(mel: Tensor, bands: Tensor) -> Tensor:
    factor = 1 + _THROAT * (2 * torch.rand(len(mel), 1, device=mel.device) - 1)
    places = (bands * factor).clamp(max=float(bands[-1]))
    low = places.floor().long().clamp(max=len(bands) - 2)
    share = (places - low)[:, None, :]
    below = mel.gather(2, low[:, None, :].expand_as(mel))
    above = mel.gather(2, low[:, None, :].add(1).expand_as(mel))
    return below + share * (above - below)


def _muffling(mel: Tensor, bands: Tensor) -> Tensor:
    first, last = _MUFFLED_FROM
    least, most = _MUFFLED_BY
    corner = first + (last - first) * torch.rand(len(mel), 1, device=mel.device)
    slope = least + (most - least) * torch.rand(len(mel), 1, device=mel.device)
    is_muffled = torch.rand(len(mel), 1, device=mel.device) < _SHARE_MUFFLED
    return is_muffled * slope * (bands - corner).clamp(min=0)


def _normal(mel: Tensor) -> Tensor:
    return torch.randn(len(mel), 1, device=mel.device)
