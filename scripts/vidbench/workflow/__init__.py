"""The functions of rules/X.smk, in X.py; run.py: the content of a run. Instances only, no module state."""
