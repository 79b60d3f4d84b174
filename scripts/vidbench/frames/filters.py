"""The chain of ffmpeg's filters that turns a video's frames into those that are stored.

Strings, not nodes of ffmpeg-python: building its graphs takes longer than decoding a short video.
"""

import re

from vidbench.frames.probe import Metadata
from vidbench.frames.recipe import Recipe, Source
from vidbench.frames.timestamps import TICKS, longest_step, longest_step_back, usual_step


def filters(source: Source, recipe: Recipe, size: tuple[int, int]) -> list[str]:
    """Return all filters, in their order, for frames of `size` (height, width)."""
    height, width = size
    jpeg = recipe.codec == "jpeg"
    scale = f"scale={width}:{height}:flags=bicubic"
    colours = "out_range=full:out_color_matrix=bt601"  # JPEG means these, whatever the video has
    chain = _timing_filters(source, recipe)
    if source.metadata.is_hdr:
        chain += [scale, *_tone_mapping_filters(source.metadata), *([f"scale={colours}"] if jpeg else [])]
    else:
        chain.append(f"{scale}:{colours}" if jpeg else scale)
    # By these steps, ffmpeg converts to RGB more than twice as fast as in one; pixels differ by under 1 on average.
    return chain if jpeg else [*chain, "format=yuv444p", "format=gbrp", "format=rgb24"]


def _timing_filters(source: Source, recipe: Recipe) -> list[str]:
    """Return filters that write down the time stamps of all frames, select frames and number them, at 25 per second.

    Encoders lose frames, or give up, where stamps are equal or nearer than a tick of the guessed frame rate.
    """
    chain = [f"settb=1/{TICKS}"]  # before all: other time bases cannot tell where a piece begins
    chain.append("metadata=mode=add:key=stored:value=1")  # only frames with metadata are printed
    chain.append(f"metadata=mode=print:file={escape(f'file:{source.stamps}')}")
    if source.is_cut:
        first, end = source.ticks
        chain.append(f"trim=start_pts={first}" + ("" if end is None else f":end_pts={end}"))
    if source.metadata.interlaced:
        # Frames of another size, as in joined recordings, are scaled to the first one's: bwdif takes only one size.
        height, width = source.metadata.turned_size
        chain += [f"scale={width}:{height}", "bwdif=mode=send_frame:deint=interlaced"]
    if recipe.fps is not None:
        chain += [f"setpts={escape(_clock(source.metadata.usual_fps))}", f"fps={recipe.fps}"]
        chain += [f"trim=end={source.end - source.start:.6f}"] if source.end is not None else []
        chain.append("settb=1/25")
    return [*chain, "setpts=N/(25*TB)"]


def _clock(fps: float) -> str:
    """Return ffmpeg's expression of the time, in ticks, by which `fps` takes frames: it rises, without long gaps.

    Register 0 holds what is subtracted from the stamps, register 1 the difference.
    """
    usual = usual_step(fps)
    step, longest, back = (
        f"{TICKS * seconds:.0f}" for seconds in (usual, longest_step(usual), longest_step_back(usual))
    )
    begin = "st(0, if(isnan(PTS), 0, PTS)); 0"
    now = f"st(1, if(isnan(PTS), PREV_OUTPTS + {step}, PTS - ld(0)))"
    again = f"if(lt(ld(1), PREV_OUTPTS - {back}), st(0, ld(0) + ld(1) - PREV_OUTPTS - {step}))"
    gap = f"if(gt(ld(1), PREV_OUTPTS + {longest}), st(0, ld(0) + ld(1) - PREV_OUTPTS - {longest}))"
    rising = f"max(PREV_OUTPTS, if(isnan(PTS), PREV_OUTPTS + {step}, PTS - ld(0)))"
    return f"if(isnan(PREV_OUTPTS), {begin}, {now}; {again}; {gap}; {rising})"


def _tone_mapping_filters(metadata: Metadata) -> list[str]:
    """Return filters from HDR (PQ, HLG) to BT.709 as a display with 100 cd/m2 shows it.

    What is brighter is compressed into the last quarter, by the same curve for all videos: by a file's own metadata on
    its brightest light, two copies would differ.
    """
    has_colours = metadata.primaries and metadata.has_matrix
    return [
        "format=yuv444p10le",  # zscale takes no odd width or height where colours are stored at half of it
        *([] if has_colours else ["setparams=color_primaries=bt2020:colorspace=bt2020nc"]),
        "zscale=transfer=linear:npl=100",
        "format=gbrpf32le",
        "zscale=primaries=bt709",
        "tonemap=mobius:param=0.75:desat=0:peak=10",
        "zscale=transfer=bt709:matrix=bt709:range=tv",
        "format=yuv444p",
    ]


def escape(value: str) -> str:
    """Escape the value of a filter's option, twice: ffmpeg parses the chain of filters, then the options of one."""
    return re.sub(r"([\\'\[\],;])", r"\\\1", re.sub(r"([\\':])", r"\\\1", value))
