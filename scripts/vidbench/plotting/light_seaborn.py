"""seaborn without SciPy, which it wants for densities and dendrograms alone: it starts in half the time."""

import sys
from typing import Any, cast

UNUSED = ("scipy.stats", "scipy.cluster")

# Importing what is None here fails, and then seaborn does without it, as where SciPy is not installed.
modules = cast(dict[str, Any], sys.modules)
hidden = [name for name in UNUSED if name not in modules]
modules.update(dict.fromkeys(hidden))
try:
    import seaborn as sns
finally:
    for name in hidden:
        del modules[name]

__all__ = ["sns"]
