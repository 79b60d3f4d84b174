"""Compute the features of a shard's videos with a frozen backbone, once for all heads, seeds and splits.

Example:
    python scripts/print_options.py --dataset mine --model resnet18_lstm > model.json
    python scripts/extract_features.py --options model.json --frames results/mine/frames/0.h5 \\
        --output results/mine/features/resnet18/0.h5

A 2D backbone gives one row per stored frame, a network that takes clips one row per test view. Of a model's options,
only those that features depend on count. Then `train_model.py --features results/mine/features/resnet18/*.h5 ...`. With
--shared the features are linked if another project has made them of the same frames in the same way, else put there.
"""

import argparse
from pathlib import Path

from vidbench import cli
from vidbench.clips.loader import Loader, choose_workers
from vidbench.compute import device, torch_errors
from vidbench.compute.allocator import keep_freed_memory
from vidbench.compute.precision import explained_errors
from vidbench.features.extract import write_features
from vidbench.features.spec import FeatureSpec
from vidbench.files import exclusive, file_sha256
from vidbench.frames import shared_files
from vidbench.frames.store import FrameStore
from vidbench.models import backbone_module_names, check_backbone, packages
from vidbench.models.build import build_backbone, load_pretrained
from vidbench.progress import Progress
from vidbench.workflow.source_files import code_digests


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument(
        "--options", type=cli.read_options, required=True, help="complete model options, JSON or a file"
    )
    parser.add_argument("--frames", type=Path, required=True, help="a shard of the frame store")
    parser.add_argument("--weights", type=Path, default=None, help="file of the pretrained weights that --options name")
    parser.add_argument("--threads", type=int, default=2, help="compute threads, part of the result")
    cli.add_device_arguments(parser)
    cli.add_loader_arguments(parser)
    parser.add_argument("--shared", type=Path, default=None, help="folder of features that several projects share")
    parser.add_argument("--output", type=Path, required=True, help="the HDF5 file to write")
    arguments = parser.parse_args()
    spec = FeatureSpec.from_dict(arguments.options)
    output = arguments.output
    check_backbone(spec.backbone, spec.clip)
    keep_freed_memory()
    torch_device = device.set_up(arguments.device, arguments.gpus, arguments.threads, deterministic=True)
    with exclusive(output.with_name(f".{output.stem}.lock")), explained_errors(remedy=torch_errors.EXTRACT):
        entry = shared_entry(arguments, spec, torch_device.type) if arguments.shared else None
        if entry and shared_files.link(output, entry):
            return
        backbone = build_backbone(spec.backbone, spec.clip, gives_tokens=spec.backbone.tokens is not None)
        load_pretrained(backbone, spec.backbone, arguments.weights)
        backbone.to(torch_device).eval()
        workers = choose_workers(arguments.workers, arguments.cores, arguments.threads, torch_device)
        for leftover in output.parent.glob(f".{output.name}.*.tmp"):  # of a killed run
            leftover.unlink()
        loader = Loader(torch_device, workers)
        write_features(output, backbone, FrameStore(arguments.frames), spec, loader, Progress("rows"))
        if entry:
            shared_files.share(output, entry)


def shared_entry(arguments: argparse.Namespace, spec: FeatureSpec, device_type: str) -> Path:
    """Return the path of these features in the shared folder, which depends on all that they are made from."""
    modules = [f"vidbench.models.{name}" for name in backbone_module_names(spec.backbone)]
    made_from = {
        "frames": file_sha256(arguments.frames),
        "options": spec.as_dict(),
        "weights": file_sha256(arguments.weights) if arguments.weights else None,
        "threads": arguments.threads,
        "device": device_type,
        "code": code_digests("extract_features.py", *modules),
        "software": shared_files.versions(packages(spec.backbone.architecture)),
    }
    return shared_files.shared_path(arguments.shared, "features", made_from)


if __name__ == "__main__":
    cli.run(main)
