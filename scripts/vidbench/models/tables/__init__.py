"""torchvision's names and published weights, generated (tests/describe_*.py)."""
