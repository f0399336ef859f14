"""From a network and its samples to a tree of steps."""
