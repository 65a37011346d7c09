"""Trains a model's folder target by target; stopped, it goes on with the next one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from facial_retarget.core.errors import FormatError, OutputError
from facial_retarget.core.progress import Progress, ProgressListener, unheard
from facial_retarget.core.shapes.studio import CHECKPOINT_FILE, Normalisation, Targets

from .data import StudioData, TargetData
from .export import file_name, finish, network_bytes, write_bytes, write_json
from .fit import (
    FitOptions,
    HeldOut,
    Spread,
    fit_normalisation,
    fit_target,
    held_out_errors,
    identities_of,
    training_error,
)


@dataclass(frozen=True)
class TrainedTarget:
    """What the index says of a target; held_out is None where nobody could be."""

    file: str | None
    sha256: str | None
    characters: int
    training_error: float
    held_out: HeldOut | None

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Take what asdict gave."""
        held_out = entry["held_out"] and HeldOut(**entry["held_out"])
        return cls(**{**entry, "held_out": held_out})


def train_studio(
    data: StudioData,
    folder: Path,
    options: FitOptions,
    strength: float = 1.0,
    progress: ProgressListener = unheard,
) -> dict[str, TrainedTarget]:
    """Train a network for each target and write the model; return what was measured.

    strength multiplies every displacement the model will predict. Targets that an earlier run
    with the same data and options finished are kept. Raises FormatError where all neutrals are
    the same, OutputError where the folder cannot be written.
    """
    normalisation = fit_normalisation(data.neutrals)
    if not len(normalisation.basis):
        raise FormatError(
            "The neutrals of all characters are the same: nothing tells them apart. "
            "Export each character's own face at rest."
        )
    checkpoint = _Checkpoint.opened(folder, _fingerprint(data, options))
    for number, (name, target) in enumerate(data.targets.items()):
        progress(Progress("Training the targets", number, len(data.targets)))
        if name not in checkpoint.targets:
            checkpoint.targets[name] = _train_target(
                name, target, data, normalisation, options, checkpoint
            )
            checkpoint.save()
    spreads = [Spread.of(target.displacements) for target in data.targets.values()]
    trained = {name: checkpoint.targets[name] for name in data.targets}
    finish(
        folder,
        normalisation,
        Targets(
            np.stack([spread.mean for spread in spreads]),
            np.stack([spread.mask for spread in spreads]),
            np.array([spread.scale for spread in spreads], np.float32),
        ),
        {name: asdict(target) for name, target in trained.items()},
        {
            "vertices": data.neutrals.shape[1] // 3,
            "characters": list(data.names),
            "strength": strength,
            "options": asdict(options),
        },
    )
    return trained


@dataclass(eq=False)
class _Checkpoint:
    """The targets that are done. fingerprint: of the data and the options they were made with."""

    folder: Path
    fingerprint: str
    targets: dict[str, TrainedTarget]

    @classmethod
    def opened(cls, folder: Path, fingerprint: str) -> Self:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {folder} cannot be made: {error.strerror or error}. Choose another."
            ) from error
        checkpoint = cls(folder, fingerprint, {})
        try:
            content = json.loads((folder / CHECKPOINT_FILE).read_text(encoding="utf-8"))
            if content["fingerprint"] == fingerprint:
                done = {
                    name: TrainedTarget.from_json(entry)
                    for name, entry in content["targets"].items()
                }
                checkpoint.targets = {n: t for n, t in done.items() if checkpoint.holds(t)}
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or one of another version: all is trained
        return checkpoint

    def holds(self, target: TrainedTarget) -> bool:
        if target.file is None:
            return True
        path = self.folder / target.file
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == target.sha256

    def save(self) -> None:
        entries = {name: asdict(target) for name, target in self.targets.items()}
        content = {"fingerprint": self.fingerprint, "targets": entries}
        write_json(self.folder / CHECKPOINT_FILE, content)


def _train_target(
    name: str,
    target: TargetData,
    data: StudioData,
    normalisation: Normalisation,
    options: FitOptions,
    checkpoint: _Checkpoint,
) -> TrainedTarget:
    neutrals, truths = data.neutrals[target.characters], target.displacements
    identities = identities_of(normalisation, neutrals)
    fitted = fit_target(identities, truths, options)
    file = sha256 = None
    if fitted.layers:
        file = file_name(name, [t.file for t in checkpoint.targets.values() if t.file])
        sha256 = write_bytes(checkpoint.folder / file, network_bytes(fitted.layers))
    return TrainedTarget(
        file=file,
        sha256=sha256,
        characters=len(truths),
        training_error=training_error(fitted, identities, truths),
        held_out=held_out_errors(neutrals, truths, options),
    )


def _fingerprint(data: StudioData, options: FitOptions) -> str:
    digest = hashlib.sha256(json.dumps(asdict(options), sort_keys=True).encode())
    digest.update(data.neutrals.tobytes())
    for name, target in data.targets.items():
        for part in (name.encode(), target.characters.tobytes(), target.displacements.tobytes()):
            digest.update(part)
    return digest.hexdigest()
