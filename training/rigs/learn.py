"""How each maker moves a face, as signatures, and the file of them that the add-on reads."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facial_retarget.core.channels import ARKIT_CHANNELS, mirrored
from facial_retarget.core.errors import OutputError
from facial_retarget.core.mesh import Floats
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.retarget.prototypes import unit
from facial_retarget.core.retarget.signatures import Patches, SignatureReader, mirrored_signatures

from ..shapes.licences import licence_of, licence_of_all
from ..shapes.prepare import find_landmarks
from .heads import Head, learned_heads

LEARNED: Final = 3  # heads of each family
_OTHER_SIDE: Final = [ARKIT_CHANNELS.index(mirrored(channel)) for channel in ARKIT_CHANNELS]


def learn(
    families: Sequence[str], patches: Patches, progress: ProgressListener = unheard
) -> Floats:
    """Return (families, 52, s) mean signatures of unit length, alike on both sides of the face.

    Zero for channels that a maker lacks. Raises FacialRetargetError where data is missing.
    """
    signatures = []
    for number, name in enumerate(families):
        progress(Progress("Reading how makers move faces", number, len(families)))
        signatures.append(maker_signatures(learned_heads(name, LEARNED), patches))
    return np.stack(signatures)


def maker_signatures(heads: Iterable[Head], patches: Patches) -> Floats:
    """Return (52, s) of one maker's heads."""
    each = []
    for head in heads:
        reader = SignatureReader.of(head.mesh, find_landmarks(head.mesh), patches)
        each.append(unit(reader(head.channels)))
    mean: Floats = np.mean(each, axis=0)
    both = unit(mean) + unit(mirrored_signatures(mean, patches)[_OTHER_SIDE])
    return unit(both.astype(np.float32))


def save(path: Path, families: Sequence[str], patches: Patches, signatures: Floats) -> None:
    """Write what the add-on reads. Raises OutputError, and where a licence forbids it to ship."""
    licence = licence_of_all(families)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            centers=patches.centers,
            sides=patches.sides,
            widths=patches.widths,
            mirror=patches.mirror,
            families=np.array(families),
            licence=np.array(licence),
            notices=np.array([licence_of(family).notice for family in families]),
            # Half of the numbers' digits are noise between one person and the next.
            signatures=signatures.astype(np.float16),
        )
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}).") from error
