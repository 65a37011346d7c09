"""Names for the kinds of arrays that the demo's head is made of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Reals = NDArray[np.floating[Any]]  # of whatever precision
Integers = NDArray[np.int32]
