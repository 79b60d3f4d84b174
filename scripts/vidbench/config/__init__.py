"""The configuration: its schema with defaults, sweeps, and what is checked before any job. Imports no torch."""
