"""The functions of rules/X.smk, in X.py; run.py says what a run consists of. Instances only, no module state."""
