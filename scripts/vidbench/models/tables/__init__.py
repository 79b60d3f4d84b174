"""Published weights: what they are of, as their publishers state it. Most are generated (tests/tools/describe_*.py)."""
