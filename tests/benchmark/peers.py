"""Other ways to read a clip: from the video file, from a folder of JPEG files, from one HDF5 file a video.

Each gives (T, H, W, 3) uint8 frames at the size asked for, by one thread, in the fastest way that its
documentation names.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import h5py
import numpy as np

Reader = Callable[[str, Sequence[int]], object]  # a path and frame numbers


def torchcodec(size: tuple[int, int]) -> Reader:
    """torchcodec, which scales while it decodes."""
    from torchcodec.decoders import VideoDecoder
    from torchcodec.transforms import Resize

    def read(path: str, indices: Sequence[int]) -> object:
        decoder = VideoDecoder(
            path, num_ffmpeg_threads=1, seek_mode="approximate", dimension_order="NHWC", transforms=[Resize(size)]
        )
        return decoder.get_frames_at([int(index) for index in indices]).data

    return read


def pyav(size: tuple[int, int]) -> Reader:
    """PyAV, decoding from the first frame: which frame a time belongs to is only known by counting."""
    import av

    def read(path: str, indices: Sequence[int]) -> np.ndarray:
        wanted, frames = set(map(int, indices)), {}
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for number, frame in enumerate(container.decode(stream)):
                if number in wanted:
                    frames[number] = frame.to_ndarray(format="rgb24", height=size[0], width=size[1])
                if number >= indices[-1]:
                    break
        return np.stack([frames[index] for index in map(int, indices)])

    return read


def count_frames(path: str) -> int:
    """The number of frames that a file's header promises."""
    import av

    with av.open(path) as container:
        return container.streams.video[0].frames


def decord(size: tuple[int, int]) -> Reader:
    """decord, which scales while it decodes."""
    from decord import VideoReader

    def read(path: str, indices: Sequence[int]) -> np.ndarray:
        reader = VideoReader(path, num_threads=1, height=size[0], width=size[1])
        return reader.get_batch([int(index) for index in indices]).asnumpy()

    return read


def jpeg_folder(path: str, indices: Sequence[int]) -> np.ndarray:
    """A folder with one JPEG file a frame, read with Pillow."""
    from PIL import Image

    return np.stack([np.asarray(Image.open(Path(path, f"{index:06d}.jpg"))) for index in indices])


def hdf5_per_video(path: str, indices: Sequence[int]) -> np.ndarray:
    """One HDF5 file a video with a data set of JPEG files, read with Pillow, as 3D-ResNets-PyTorch does."""
    from PIL import Image

    with h5py.File(path, "r") as file:
        frames = file["video"]
        return np.stack([np.asarray(Image.open(io.BytesIO(frames[index]))) for index in indices])
