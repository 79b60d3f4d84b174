"""Experiment trackers (TensorBoard, trackio, MLflow, W&B): fed from a process of their own. Imports no torch."""
