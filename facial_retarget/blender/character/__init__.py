"""The character in the Face tab: what it is, what drives its controls, how it is remembered."""

from typing import Final

# Of objects and scenes: what this add-on keeps in them.
PROPERTY: Final = "facial_retarget"
