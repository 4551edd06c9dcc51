"""Pages that say how to add something, followed to the letter in a copy of the tree."""
