"""Computing.

device.py: which device, how many threads. gpus.py: whether there is a GPU, and one for each process. precision.py:
number format, memory format, compilation. memory.py: its peak. worker_pool.py: processes that end with their parent.
"""
