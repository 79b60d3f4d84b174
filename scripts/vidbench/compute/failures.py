"""How messages begin of failures that another attempt of a job, with more time and main memory, would not cure.

torch_errors.py writes them, workflow/vain_retries.py reads them; so this imports no torch. That a node's driver is too
old, or one of its GPUs is lost, is not among them: another attempt may come to another node.
"""

GPU_TOO_SMALL = "the GPU's memory"
NO_COMPILING = "torch.compile fails"
NOT_DETERMINISTIC = "training.deterministic: true is not possible"
FINAL = (GPU_TOO_SMALL, NO_COMPILING, NOT_DETERMINISTIC)
