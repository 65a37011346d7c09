"""Speech engines that recordings are made with; each says a sentence and what sounds it made."""

from typing import Final

from .espeak import Espeak
from .festival import Festival
from .flite import Flite
from .kokoro import Kokoro
from .openjtalk import OpenJTalk
from .piper import Piper
from .spoken import Engine, Manner, Spoken

# In the order in which they record: the quick ones first.
ENGINES: Final[dict[str, type[Engine]]] = {
    "espeak": Espeak,
    "flite": Flite,
    "festival": Festival,
    "openjtalk": OpenJTalk,
    "piper": Piper,
    "kokoro": Kokoro,
    "kokoro_abroad": Kokoro,
}

__all__ = ["ENGINES", "Engine", "Manner", "Spoken"]
