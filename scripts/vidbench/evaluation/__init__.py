"""From stored logits to tables: pooled test results, metrics, intervals, tests and verdicts. Imports no torch."""
