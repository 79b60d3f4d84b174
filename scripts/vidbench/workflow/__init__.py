"""The functions of rules/: one module per rule file, and what a run consists of."""
