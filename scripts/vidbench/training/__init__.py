"""Training a model.

loop.py: from the first epoch to the last. setup.py: what a training is put together from. state.py: what changes in it,
and what does not. optimizer.py, lr_schedule.py, loss.py, ema.py (moving average of the weights): its parts.
checkpoint.py: stopping and going on. distributed.py: several processes; cpu_sync_batch_norm.py: their batch norm on
CPUs. activation_checkpointing.py: less memory. monitor.py: what a training shows.
"""
