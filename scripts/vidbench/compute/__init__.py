"""What a model computes on: device, GPUs, threads, precision, memory, worker processes."""
