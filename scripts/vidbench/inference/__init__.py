"""A trained model, taken away: it classifies videos, long ones and streams, by the workflow's own steps."""
