"""Whether an answer agrees: the truth, how far the answer is from it, and how far arithmetic may put it."""
