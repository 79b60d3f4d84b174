"""Devices and how models compute: GPUs, threads, precision, memory, worker processes."""
