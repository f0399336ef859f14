"""A network as quantities: what they are, what they are of, what they are called, and their order."""
