"""What models get wrong: which classes they confuse, whether they err on the same videos, what averaging them gains."""
