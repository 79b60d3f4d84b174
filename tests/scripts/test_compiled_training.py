"""A compiled training is stopped and goes on to the same bytes; the compiler is a process."""

import shutil
from pathlib import Path

import pytest
from stopped_trainings import SMALL_3D, check_resuming, complete

COMPILED = {"compile": True, "epochs": 2, "ema": 0.9}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs a C++ compiler")
@pytest.mark.parametrize("training", [COMPILED, COMPILED | {"activation_checkpointing": True}])
def test_a_compiled_training_resumes(training: dict, tmp_path: Path) -> None:
    check_resuming("compile", complete(SMALL_3D, training), tmp_path)
