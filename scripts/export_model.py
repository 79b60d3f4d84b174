"""Export a trained model: as ONNX for onnxruntime and other engines, or as a torch.export program for torch alone.

Example:
    python scripts/export_model.py --model winner.safetensors --output winner.onnx --preprocess --videos my_videos/

The file's suffix, .onnx or .pt2, says the format. The batch may have any size. Without --preprocess the model takes
normalised clips (N, 3, T, h, w) float32 and gives logits; with it, stored frames (N, T, H, W, 3) uint8 of any height
and width, which it scales, crops and normalises as the predict step does, and gives calibrated probabilities, too.
Before the file gets its name its results are compared with PyTorch's, on the videos that are named, else on generated
clips. docs/taking_away.md has more.
"""

from pathlib import Path

from vidbench import cli


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--model", type=Path, required=True, help="weights.safetensors of a trained model, or its folder"
    )
    parser.add_argument("--output", type=Path, required=True, help="file to write, *.onnx or *.pt2")
    parser.add_argument("--preprocess", action="store_true", help="take stored frames, give calibrated probabilities")
    parser.add_argument("--fp16", action="store_true", help="compute in float16: half the size")
    parser.add_argument("--videos", nargs="+", default=[], metavar="VIDEO", help="videos to compare on: the first 8")
    parser.add_argument("--ffmpeg", help="ffmpeg to use instead of the environment's")
    arguments = parser.parse_args()

    from vidbench.export.exporting import ExportOptions, check_output, export_model  # here: torch takes seconds
    from vidbench.inference.classifier import load

    check_output(arguments.output)
    model = load(arguments.model, device="cpu", ffmpeg=arguments.ffmpeg)
    if arguments.preprocess:
        model.file.refuse_multi("--preprocess, whose outputs are probabilities of one class,")
    if arguments.preprocess and model.temperature is None:
        print(f"WARNING: {model.file.path}: no metrics.json beside it: its probabilities are not calibrated")
    options = ExportOptions(arguments.output, arguments.preprocess, arguments.fp16, arguments.videos)
    comparison = export_model(model, options)
    size = arguments.output.stat().st_size / 1e6
    note = "" if arguments.videos else " (generated ones; name videos of your own by --videos)"
    print(f"{arguments.output}: {size:.1f} MB, {comparison.describe()}{note}")


if __name__ == "__main__":
    cli.run(main)
