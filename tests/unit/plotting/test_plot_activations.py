"""The figure of activation maps: any number of models, videos and frames, small files, words for what is left out."""

import re
from pathlib import Path

import numpy as np
import plot_activations
import pytest
from PIL import Image

from vidbench.errors import UserError
from vidbench.plotting import style
from vidbench.prediction.grad_cam_file import Activations


def made(
    videos: int, frames: int, size: tuple[int, int] = (112, 84), *, right: bool = True, name: str = "v"
) -> Activations:
    """Noise, which no file format makes small; the first video's map is empty."""
    random = np.random.default_rng(videos)
    small = [Image.fromarray(random.random((7, 7)).astype(np.float32)) for _ in range(videos * frames)]
    maps = np.stack([np.asarray(one.resize(size[::-1])) for one in small]).reshape(videos, frames, *size)
    maps[0] = 0
    shape = (videos, frames, *size, 3)
    return Activations(
        [f"{name}{number}" for number in range(videos)], ["wave"] * videos, ["wave" if right else "nod"] * videos,
        np.full(videos, 0.876, np.float32), np.zeros((videos, frames), np.int64),
        random.integers(0, 256, shape, np.uint8), (maps / max(maps.max(), 1e-9)).astype(np.float16),
        maps.mean((2, 3)), "layer4", [4, 7, 7],
    )  # fmt: skip


def words(figure: style.Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    one = made(2, 3)
    one.write(tmp_path / "a.h5")
    one.write(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    again = Activations.read(tmp_path / "a.h5")
    for name, value in vars(one).items():
        assert np.array_equal(getattr(again, name), value), name
    (tmp_path / "a.h5").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"a\.h5: is no readable file of activation maps"):
        Activations.read(tmp_path / "a.h5")


@pytest.mark.parametrize(("models", "videos", "frames"), [(1, 1, 1), (3, 4, 16), (5, 6, 20)])
def test_a_figure_of_any_size_is_small(tmp_path: Path, models: int, videos: int, frames: int) -> None:
    style.apply()
    shown = {f"a_model_with_a_long_name_{number}": made(videos, frames) for number in range(models)}
    figure = plot_activations.draw_maps(shown, models)
    figure.canvas.draw()
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= -1
        assert box.x1 <= figure.bbox.width + 1
        assert text.get_fontsize() >= 6
    assert "Shown" not in words(figure)
    style.save(figure, [tmp_path / "a.svg"])
    assert (tmp_path / "a.svg").stat().st_size < 600_000


def test_words_say_what_is_left_out_and_what_was_predicted() -> None:
    figure = plot_activations.draw_maps({"good": made(12, 4), "bad": made(12, 4, right=False)}, 20)
    text = words(figure)
    assert "Shown: the 2 most accurate of 20 models, 6 of the 12 explained videos" in text
    assert "✓ right, 88 %" in text
    assert "✗ wrong, 88 % for\n“nod”" in text
    assert "4 × 7 × 7 cells" in text
    assert len(re.findall("1 of 2 models wrong", text)) == 6
    assert "nothing speaks for it" in words(plot_activations.draw_maps({"only": made(1, 4)}, 1))
    style.plt.close("all")


def test_the_most_accurate_models_are_shown_and_other_videos_refused(tmp_path: Path) -> None:
    paths = []
    for number in range(8):
        paths.append(tmp_path / f"data/split1/m{number}/seed0/activations.h5")
        made(1, 2, (8, 8)).write(paths[-1])
    order = [f"m{number}" for number in reversed(range(8))]
    assert list(plot_activations.read_most_accurate(order, paths)) == ["m7", "m6", "m5", "m4", "m3"]
    made(1, 2, (8, 8), name="other").write(paths[6])
    with pytest.raises(UserError, match="holds other videos"):
        plot_activations.read_most_accurate(order, paths)


def test_a_map_covers_the_frame_where_it_is_high() -> None:
    frame = np.full((10, 10, 3), 100, np.uint8)
    heat = np.zeros((10, 10), np.float16)
    heat[:, 5:] = 1
    seen = plot_activations.make_picture(frame, heat, (10, 10)).astype(int)
    assert np.ptp(seen[:, :4], axis=-1).max() == 0  # grey
    assert np.ptp(seen[:, 6:], axis=-1).min() > 50  # coloured
    assert (plot_activations.make_picture(frame, None, (10, 10)) == frame).all()
