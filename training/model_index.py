"""What a training made, put where the add-on finds its models, with its hash in index and card."""

import hashlib
import json
import re
import shutil
from pathlib import Path

from facial_retarget.core.errors import OutputError


def put_model(file: Path, name: str, licence: str, models: Path) -> Path:
    """Copy a file to the add-on's models under a name; return where it lies now.

    The index gets its hash and licence; the card NAME.md, which must be there, its hash and size.
    Raises OutputError where something cannot be written.
    """
    target, digest = models / file.name, sha256_of(file)
    try:
        index = json.loads((models / "index.json").read_text(encoding="utf-8"))
        index[name] = {"file": file.name, "sha256": digest, "licence": licence}
        shutil.copyfile(file, target)
        _restate(models / f"{name}.md", target, digest)
        (models / "index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{name} cannot be put into {models} ({error.strerror}).") from error
    return target


def sha256_of(path: Path) -> str:
    """Return a file's hash as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _restate(card: Path, file: Path, sha256: str) -> None:
    """Write a file's size and hash where the card has another's."""
    text = card.read_text(encoding="utf-8")
    text = re.sub(r"\b[0-9a-f]{64}\b", sha256, text)
    text = re.sub(rf"(`{file.name}`), [\d,]+ bytes", rf"\1, {file.stat().st_size:,} bytes", text)
    card.write_text(text, encoding="utf-8")
