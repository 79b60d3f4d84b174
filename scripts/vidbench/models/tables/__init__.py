"""Published weights, generated (tests/tools/describe_*.py)."""
