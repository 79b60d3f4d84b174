"""The page itself, by gradio: a place for a video, and what the model makes of it. Imports gradio."""

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr  # pyright: ignore[reportMissingImports]

from vidbench.demo.explanation import Explainer
from vidbench.demo.limits import Limits
from vidbench.demo.result_html import describe_calibration, describe_model, describe_problem, describe_result
from vidbench.demo.scratch import Uploads
from vidbench.errors import UserError
from vidbench.frames.store import OK

MAX_WAITING = 4  # videos that wait while one is classified
CSS = Path(__file__).with_name("page.css")
FONTS = ("system-ui", "-apple-system", "Segoe UI", "sans-serif")  # of the system: none is fetched
MONOSPACE = ("ui-monospace", "monospace")
BROKEN = "something went wrong; the terminal that `make demo` runs in says what"
GONE = "it is no longer there: it was sent twice, or has waited for too long"
WELCOME = "<p>Drop a video, choose one, or record one. It is deleted when it has been classified.</p>"
RECORDING = "Your recording"
# Gradio says nothing where there is no camera.
FIND_CAMERA = """async () => {
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  const found = devices.some((device) => device.kind === "videoinput");
  const words = "This browser finds no camera: plug one in and open this again, or drop a file.";
  return found ? "" : `<p class="vb-note" role="alert">${words}</p>`;
}"""
AREA = '<div aria-live="polite">${value}</div>'  # a screen reader says what comes


def take_as_sent(payload: Any) -> tuple[str, str] | None:
    """Return the path of an uploaded file, and its name as the person knows it.

    In place of gradio's own way, which converts what shall have no sound.
    """
    return (payload.path, payload.orig_name or Path(payload.path).name) if payload else None


class Answerer:
    """Answers what the page sends: one video at a time, each deleted afterwards."""

    def __init__(self, explainer: Explainer, limits: Limits, uploads: Uploads) -> None:
        self.explainer = explainer
        self.limits = limits
        self.uploads = uploads
        self.calibration = describe_calibration(explainer.model.file)

    def answer(self, sent: tuple[str, str] | None) -> tuple[str, None]:
        """Return what is said of a video, as HTML, and None, which empties the place for the next one."""
        if sent is None:
            return WELCOME, None
        path, name = Path(sent[0]), sent[1]
        with self.uploads.in_use(path):
            try:
                return self._describe(name, path), None
            except UserError as error:
                return describe_problem(name, str(error).removeprefix(f"{path}: ")), None
            except Exception:  # the page lives on, whatever a video does to a library
                traceback.print_exc()
                return describe_problem(name, BROKEN), None

    def answer_recording(self, sent: tuple[str, str] | None) -> tuple[str, None]:
        """Return what is said of a camera's recording, and None."""
        return self.answer((sent[0], RECORDING) if sent else None)

    def _describe(self, name: str, path: Path) -> str:
        if not path.is_file():
            raise UserError(GONE)
        self.limits.check(path)
        explanation = self.explainer.explain(name, path)
        if name == RECORDING:  # a browser leaves the end of its file open, which ffmpeg takes for a loss
            explanation = replace(explanation, answer=replace(explanation.answer, status=OK, message=""))
        return describe_result(name, explanation, self.calibration)


def make_page(answerer: Answerer) -> Any:
    """Return the page, a gradio.Blocks."""
    label = f"A video, at most {answerer.limits}"
    with gr.Blocks(title="VidBench", analytics_enabled=False) as page:
        gr.HTML(f"<h1>What is in this video?</h1>{describe_model(answerer.explainer.model.file)}")
        with gr.Row():
            with gr.Column(scale=2, min_width=280):
                with gr.Tab("File"):
                    file = gr.File(label=label, height=220, elem_id="file")
                with gr.Tab("Camera") as tab:
                    note = gr.HTML("", elem_id="note")
                    camera = gr.Video(
                        label=label, sources=["webcam"], include_audio=False, buttons=[], elem_id="camera",
                        webcam_options=gr.WebcamOptions(mirror=False),
                    )  # fmt: skip
            with gr.Column(scale=3, min_width=280):
                result = gr.HTML(WELCOME, html_template=AREA, elem_id="result")
        tab.select(None, None, note, js=FIND_CAMERA, api_visibility="private")
        sources = ((file, file.upload, answerer.answer), (camera, camera.stop_recording, answerer.answer_recording))
        for source, event, answer in sources:
            source.preprocess = take_as_sent  # no subclass: gradio would write a .pyi file beside its module
            event(
                answer, source, [result, source],
                api_visibility="private", concurrency_limit=1, concurrency_id="model", trigger_mode="once",
            )  # fmt: skip
    return page.queue(max_size=MAX_WAITING, default_concurrency_limit=1, api_open=False)


def make_app(page: Any, max_bytes: int) -> Any:
    """Return the page as a web application."""
    theme = gr.themes.Default(
        font=[gr.themes.Font(name) for name in FONTS], font_mono=[gr.themes.Font(name) for name in MONOSPACE]
    )
    from fastapi import FastAPI  # pyright: ignore[reportMissingImports]

    bare = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    return gr.mount_gradio_app(
        bare, page, "", footer_links=[], run_history=False, ssr_mode=False, mcp_server=False, pwa=False,
        enable_monitoring=False, show_error=False, max_file_size=max_bytes, theme=theme, css_paths=CSS,
    )  # fmt: skip
