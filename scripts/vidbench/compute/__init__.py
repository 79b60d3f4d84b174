"""Devices, GPUs, precision, memory and worker processes."""
