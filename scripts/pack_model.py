"""Pack a trained model into one file that says all: what its folder says beside the weights is put into them.

Example:
    python scripts/pack_model.py --model results/motion/split1/cnn3d/seed0 --output winner.safetensors

The weights stay as they are. Temperature and threshold are known only when the model is scored, after its weights were
written: they are read from metrics.json in the folder, or else the packed model's probabilities are not calibrated.
"""

from pathlib import Path

from vidbench import cli
from vidbench.errors import UserError
from vidbench.inference.model_file import ModelFile
from vidbench.models.weights_file import repack_weights


def main() -> None:
    parser = cli.make_parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="weights.safetensors, or its folder")
    parser.add_argument("--output", type=Path, required=True, help="file to write, named *.safetensors")
    arguments = parser.parse_args()
    file = ModelFile.read(arguments.model)
    if arguments.output.suffix != ".safetensors":
        raise UserError(f"{arguments.output}: name it *.safetensors")
    if file.calibration.temperature is None:
        print(f"WARNING: {file.path}: no metrics.json of this model beside it: the probabilities are not calibrated")
    repack_weights(file.path, arguments.output, file.metadata)
    print(f"{arguments.output}: {file.options.network.architecture}, {len(file.classes)} classes")


if __name__ == "__main__":
    cli.run(main)
