"""The clips that an exported model is compared with PyTorch on: of videos, or generated ones."""

from collections.abc import Sequence
from itertools import islice

import torch

from vidbench.clips.dataset import FrameClips
from vidbench.errors import UserError
from vidbench.frames.recipe import stored_size
from vidbench.frames.store import FAILED, FrameStore
from vidbench.inference.classifier import Classifier
from vidbench.inference.decoding import VideoDecoder, temporary_folder
from vidbench.inference.inputs import find_videos
from vidbench.planning.sample_videos import draw_moving_texture
from vidbench.planning.typical_videos import Typical

MAX_VIDEOS = 8
SIZES = ((240, 320), (320, 240))  # of generated videos, before they are stored


def read_clips(model: Classifier, videos: Sequence[str]) -> list[torch.Tensor]:
    """Return clips (T, 3, H, W) uint8 of the first videos that can be decoded, the middle view of each.

    UserError where there is none.
    """
    with temporary_folder() as folder:
        inputs = islice(find_videos(videos), MAX_VIDEOS)
        shards = list(VideoDecoder(model.file.recipe, folder, model.jobs, model.ffmpeg).decode(inputs))
        decoded = [video for shard in shards for video in shard.videos]
        readable = [video.id for video in decoded if video.status != FAILED]
        if not readable:
            reason = f"{decoded[0].name}: {decoded[0].message}" if decoded else "there is none"
            raise UserError(f"--videos: no video to compare with: {reason}; name others")
        clips = FrameClips(FrameStore([path for shard in shards for path in shard.paths]), model.clip)
        return [clips.test_clip(video, model.clip.views // 2) for video in readable]


def generate_clips(model: Classifier) -> list[torch.Tensor]:
    """Return clips (T, 3, H, W) uint8 of moving textures, as stored frames of wide and of tall videos."""
    clips = []
    for seed, (height, width) in enumerate(SIZES * 2):
        stored = Typical(*stored_size(height, width, model.file.recipe.size), fps=1, seconds=model.clip.frames)
        clips.append(torch.from_numpy(draw_moving_texture(stored, seed)).permute(0, 3, 1, 2))
    return clips
