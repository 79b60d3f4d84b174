"""What the page says of a video, as HTML in one piece: pictures are in it, so that none is left on the disk."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np

from vidbench.demo.explanation import Explanation
from vidbench.demo.timeline_svg import draw_timeline
from vidbench.frames.store import OK
from vidbench.inference.classification import Classification
from vidbench.inference.model_file import ModelFile
from vidbench.inference.segments import Hysteresis, Segment
from vidbench.plotting.heat import make_picture

MAX_BARS = 5
MAX_FRAMES = 8  # of a clip
MAX_SIDE = 168  # pixels of a frame
UNKNOWN = "None of these"
STILL_WORDS = "Nothing moves in this video. If it was recorded here: is the camera covered?"
NO_WINDOW = "Nothing moves for long enough to be looked at."
NO_BOUND = f'No video is "{UNKNOWN}": there were too few validation videos to tell (--threshold 0.5 sets a bound).'
NOT_CALIBRATED = "there is no metrics.json of this model beside it"


def describe_model(file: ModelFile, max_names: int = 12) -> str:
    """Return the line on the model at the head of the page."""
    names = ", ".join(map(escape, file.classes[:max_names]))
    more = f" and {len(file.classes) - max_names} more" if len(file.classes) > max_names else ""
    network = escape(file.options.network.architecture)
    return f'<p class="vb-model"><b>{network}</b> tells {len(file.classes)} classes apart: {names}{more}.</p>'


def describe_calibration(file: ModelFile) -> str:
    """Return what is to be known of the probabilities: why they are uncertain, and whether a bound lacks."""
    warning = file.calibration.warning
    if file.calibration.temperature is None:
        words = f"These probabilities are not calibrated: {warning or NOT_CALIBRATED}."
    else:
        words = f"These probabilities: {warning}." if warning else ""
    return f"{words} {NO_BOUND}".lstrip() if file.calibration.lacks_videos else words


def describe_problem(name: str, reason: str) -> str:
    """Return what is said of a video that cannot be classified."""
    words = f"<b>{escape(name)}</b> cannot be classified: {escape(reason)}."
    return f'<div class="vb-problem" role="alert"><p>{words}</p><p>Drop another video, or record one.</p></div>'


def describe_result(name: str, explanation: Explanation, calibration: str) -> str:
    """Return all that is known of a video; `calibration`: what describe_calibration() says of the model."""
    parts = [
        f'<p class="vb-name">{escape(name)}, {explanation.seconds:.1f} s</p>',
        _headline(explanation.answer),
        _bars(explanation.answer),
        *_notes(explanation, calibration),
        _frames(explanation),
        _maps(explanation),
        _timeline(explanation),
    ]
    return f'<div class="vb-result">{"".join(parts)}</div>'


def _headline(answer: Classification) -> str:
    if not answer.is_unknown:
        return f'<h2><span class="vb-label">{escape(answer.label)}</span> {answer.probability:.1%}</h2>'
    return f'<h2><span class="vb-label">{UNKNOWN}</span></h2><p>{escape(explain_unknown(answer))}</p>'


def explain_unknown(answer: Classification) -> str:
    """Return why a video counts as of none of the classes, by the rule of Classification.is_unknown."""
    words = f"The most probable class, {answer.label}, has {answer.probability:.1%}"
    if answer.max_entropy is None:
        return f"{words}: less than the {answer.threshold:.1%} that is asked for."
    bound = f"their entropy is {answer.entropy:.2f} nats, above the {answer.max_entropy:.2f} that this model may have"
    return f"{words}; the probabilities are too even: {bound}."


def _bars(answer: Classification) -> str:
    rows = []
    for label, probability in answer.top(MAX_BARS):
        bar = f'<span class="vb-track"><span class="vb-fill" style="width:{100 * probability:.1f}%"></span></span>'
        rows.append(f'<li><span class="vb-class">{escape(label)}</span>{bar}<span>{probability:.1%}</span></li>')
    rest = len(answer.classes) - MAX_BARS
    more = f"<p>{rest} more classes have {1 - sum(p for _, p in answer.top(MAX_BARS)):.1%} together.</p>"
    return f'<ol class="vb-bars">{"".join(rows)}</ol>{more if rest > 0 else ""}'


def _notes(explanation: Explanation, calibration: str) -> list[str]:
    notes = [STILL_WORDS] if explanation.is_still else []
    if explanation.answer.status != OK:
        notes.append(f"Only a part of this video can be decoded: {explanation.answer.message}.")
    if calibration:
        notes.append(calibration)
    return [f'<p class="vb-note">{escape(note)}</p>' for note in notes]


def _frames(explanation: Explanation) -> str:
    shown = spread_evenly(len(explanation.frames), MAX_FRAMES)
    pictures = [scale(explanation.frames[place]) for place in shown]
    words = [f"frame at {explanation.times[place]:.2f} s" for place in shown]
    total = len(explanation.frames)
    some = f", {len(shown)} of {total}" if len(shown) < total else ""
    clip = f" (clip {explanation.view + 1} of {explanation.num_views})" if explanation.num_views > 1 else ""
    return f"<h3>Frames that the model saw{some}{clip}</h3>{_strip(pictures, words, explanation.times[shown])}"


def _maps(explanation: Explanation) -> str:
    label = escape(explanation.answer.label)
    if explanation.maps is None:
        return "<h3>Activation map</h3><p>This network has no map to explain its answers by.</p>"
    if not explanation.maps.any():
        return f"<h3>Activation map</h3><p>Nothing in these frames speaks for {label}.</p>"
    shown = spread_evenly(len(explanation.frames), MAX_FRAMES)
    pictures = [scale(explanation.frames[place], explanation.maps[place]) for place in shown]
    words = [f"activation map of the frame at {explanation.times[place]:.2f} s" for place in shown]
    strip = _strip(pictures, words, explanation.times[shown])
    return f"<h3>Where and when they speak for {label} (Grad-CAM)</h3>{strip}"


def _timeline(explanation: Explanation) -> str:
    curve, answer = explanation.curve, explanation.answer
    if curve is None:
        return ""
    title = f"<h3>Over time, in windows of {explanation.window:.1f} s</h3>"
    if not len(curve.times):
        return f'<div class="vb-timeline">{title}<p>{NO_WINDOW}</p></div>'
    begins = Hysteresis.of_threshold(answer.threshold).enter
    picture = draw_timeline(curve, explanation.segments, answer.classes, explanation.seconds, begins)
    return f'<div class="vb-timeline">{title}{picture}{_table(explanation.segments)}</div>'


def _table(segments: Sequence[Segment]) -> str:
    if not segments:
        return "<p>No class is probable enough for long enough to be a segment.</p>"
    head = "<tr><th>from</th><th>to</th><th>class</th><th>probability</th></tr>"
    rows = [
        f"<tr><td>{each.start:.1f} s</td><td>{each.end:.1f} s</td><td>{escape(each.label)}</td>"
        f"<td>{each.score:.0%}</td></tr>"
        for each in segments
    ]
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _strip(pictures: Sequence[np.ndarray], words: Sequence[str], times: np.ndarray) -> str:
    figures = [
        f'<figure><img src="{encode(picture)}" alt="{word}"><figcaption>{time:.2f} s</figcaption></figure>'
        for picture, word, time in zip(pictures, words, times, strict=True)
    ]
    return f'<div class="vb-strip">{"".join(figures)}</div>'


def spread_evenly(length: int, max_count: int) -> list[int]:
    """Return at most `max_count` evenly spread numbers below `length`."""
    count = min(length, max_count)
    return [int((index + 0.5) * length / count) for index in range(count)]


def scale(frame: np.ndarray, heat: np.ndarray | None = None) -> np.ndarray:
    """Scale a frame (h, w, 3) uint8, under its map (h, w), so that its longer side has MAX_SIDE pixels."""
    height, width = frame.shape[:2]
    factor = MAX_SIDE / max(height, width)
    return make_picture(frame, heat, (max(1, round(width * factor)), max(1, round(height * factor))))


def encode(picture: np.ndarray) -> str:
    """Return a picture (h, w, 3) uint8 as a JPEG in a data: address."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="jpeg", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
