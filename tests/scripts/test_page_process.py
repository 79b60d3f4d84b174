"""The process that writes the page of an unfinished run."""

import subprocess
import sys

from vidbench.workflow.live_page import wait_for_process


def test_its_processor_time_is_measured_and_a_run_that_is_over_kills_it() -> None:
    busy = subprocess.Popen([sys.executable, "-IS", "-c", "import time\nwhile time.process_time() < 0.3: pass"])
    assert 0.3 <= wait_for_process(busy, lambda: False) < 5
    endless = subprocess.Popen([sys.executable, "-IS", "-c", "while True: pass"])
    assert wait_for_process(endless, lambda: True) < 20
    assert endless.returncode < 0
