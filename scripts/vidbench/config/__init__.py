"""Settings: what a step's JSON holds, as types."""
