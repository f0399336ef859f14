"""Floor 1: the book of formulas. A new kind of layer is a new formula here and nothing else."""
