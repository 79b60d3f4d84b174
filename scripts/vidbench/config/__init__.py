"""The configuration: schema and defaults, sweeps, and the checks before any job. Imports no torch."""
