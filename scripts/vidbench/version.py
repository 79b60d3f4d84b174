"""The version of VidBench; written by tests/tools/describe_release.py from CHANGELOG.md."""

VERSION = "0.2.0"
