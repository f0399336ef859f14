"""Layers and update rules as quantities. A new kind of layer is a new page of formulas and nothing else."""
