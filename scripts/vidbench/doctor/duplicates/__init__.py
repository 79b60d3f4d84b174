"""Finding videos that show the same recording."""
