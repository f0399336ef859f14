"""Floor 0: formulas, their names, and how they are written."""
