"""What a dry run or a step asks loads no large package that it does not need: each in a process of its own."""

import json
import subprocess
import sys

import pytest
from conftest import PROJECT

IMPORTS = {
    "names and checks of models": (
        "from vidbench import models\n"
        "from vidbench.models.options import ModelOptions\n"
        "entry = {'backbone': {'architecture': 'vit_b_16'}, 'head': 'mean'}\n"
        "models.backbone_names(); models.check(ModelOptions.from_dict(entry))",
        "torch",
    ),
    "official weights": (
        "from vidbench.models import official_weights\n"
        "assert official_weights.resolve('vit_b_16', 'DEFAULT') == 'IMAGENET1K_V1'",
        "torch",
    ),
    "sizes of video transformers": (
        "from vidbench import models\n"
        "from vidbench.models import official_weights\n"
        "from vidbench.models.options import ModelOptions\n"
        "config = official_weights.network_config('hf/videomae', None, '../tests/helpers/video_transformer')\n"
        "clip = {'size': [224, 224]}\n"
        "entry = {'architecture': 'hf/videomae', 'network_config': config, 'clip': clip}\n"
        "models.check(ModelOptions.from_dict(entry)); import vidbench.workflow.hub_models",
        "torch",
    ),
    "pairs of equal videos": ("from vidbench.doctor.duplicates.pairs import clusters, read_pairs", "numpy"),
    "an update of the weights": (
        "import torch\n"
        "from vidbench.models.options import TrainingOptions\n"
        "from vidbench.training.optimizer import make_optimizer\n"
        "network = torch.nn.Linear(2, 2); network(torch.ones(1, 2)).sum().backward()\n"
        "for name in ('adamw', 'sgd'):\n"
        "    optimizer = make_optimizer(network, TrainingOptions(optimizer=name))\n"
        "    optimizer.step(); optimizer.zero_grad(); optimizer.load_state_dict(optimizer.state_dict())",
        "torch._dynamo",
    ),
    "scaling of frames": (
        "import torch\n"
        "from vidbench.clips.transforms import resize\n"
        "resize(torch.zeros(1, 2, 3, 8, 8, dtype=torch.uint8), (4, 4))",
        "torchvision",
    ),
    "torchvision's networks": (
        "from vidbench.models.build import build\n"
        "from vidbench.models.options import ModelOptions\n"
        "clip = {'size': [64, 64]}\n"
        "build(ModelOptions.from_dict({'backbone': {'architecture': 'resnet18'}, 'head': 'mean', 'clip': clip}), 2)\n"
        "build(ModelOptions.from_dict({'architecture': 'r3d_18', 'clip': clip}), 2)",
        "torch._dynamo",
    ),
    "what compiles a model": ("import vidbench.compute.compilation", "torch.utils.flop_counter"),
    "counting operations on the CPU": (
        "from vidbench.models.flops import count_gflops\n"
        "from vidbench.models.options import ModelOptions\n"
        "entry = {'backbone': {'architecture': 'cnn2d'}, 'head': 'lstm', 'clip': {'frames': 2, 'size': [32, 32]}}\n"
        "count_gflops(ModelOptions.from_dict(entry), 3, 'cpu')",
        "torch._dynamo",
    ),
    "downloads without a hub": ("import vidbench.download.dataset, vidbench.datasets.hmdb51", "huggingface_hub"),
}


@pytest.mark.parametrize("what", IMPORTS)
def test_no_large_package_is_loaded(what: str) -> None:
    code, package = IMPORTS[what]
    code += f"\nimport sys\nprint({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "scripts", capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


# What no step of a kind imports before it needs it. All are run in one process: what a kind may import, later ones may.
NEEDS_SECONDS = ("torch", "matplotlib", "pandas", "seaborn", "sklearn", "scipy.stats", "scipy.optimize")
FIGURES = sorted(path.name for path in (PROJECT / "scripts").glob("plot_*.py"))
NETWORKS = ["train_model.py", "extract_features.py", "predict_videos.py"]
STEPS = {
    "tables and pages": (
        [
            *("index_videos.py", "inspect_videos.py", "find_duplicates.py", "make_splits.py", "diagnose_data.py"),
            "fit_baseline.py",
            "rank_trials.py",
            *("select_trial.py", "score_predictions.py", "compare_models.py", "compare_scores.py", "compare_errors.py"),
            *("explain_scores.py", "find_label_issues.py", "measure_motion_use.py", "select_explained_videos.py"),
            *("make_tables.py", "build_report.py"),
            *("classify_videos.py", "export_model.py"),
        ],
        NEEDS_SECONDS,
    ),
    "figures": (FIGURES, ("torch", "sklearn", "scipy.stats", "scipy.cluster", "scipy.optimize")),
    "networks": (
        NETWORKS,
        ("torchvision", "transformers", "sklearn", "scipy.stats", "torch._dynamo", "torch.utils.tensorboard"),
    ),
}
RUN_STEPS = """
import json, runpy, sys
for scripts, unwanted in json.loads(sys.argv[1]):
    for script in scripts:
        runpy.run_path(script, run_name="imported")
        for name in unwanted:
            if name in sys.modules:
                print(script, "imports", name)
"""


def test_no_step_imports_a_large_package_before_it_needs_it() -> None:
    command = [sys.executable, "-c", RUN_STEPS, json.dumps(list(STEPS.values()))]
    done = subprocess.run(command, cwd=PROJECT / "scripts", capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
