"""A map over a frame: where it is high, its colour covers the grey picture. Imports no torch."""

import numpy as np

HEAT = "inferno"  # its brightness rises evenly, also for the colour-blind
FAINTEST = 0.25  # where in HEAT a map begins: its black would darken the frames


def make_picture(frame: np.ndarray, heat: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """Scale a frame (h, w, 3) uint8 to `size`; under a map (h, w) in [0, 1] grey, covered by the map's colour."""
    from matplotlib import colormaps
    from PIL import Image

    small = Image.fromarray(frame).resize(size, Image.Resampling.BOX)
    if heat is None:
        return np.asarray(small)
    values = Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    values = np.clip(np.asarray(values), 0, 1)
    grey = np.asarray(small.convert("L"))[..., None] / 255
    color = colormaps[HEAT](FAINTEST + (1 - FAINTEST) * values)[..., :3]
    cover = 0.85 * values[..., None] ** 0.7
    return np.round(255 * ((1 - cover) * (0.15 + 0.7 * grey) + cover * color)).astype(np.uint8)
