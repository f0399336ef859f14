"""Floor 2: from a network and its samples to a tree of steps."""
