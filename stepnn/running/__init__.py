"""Whole trainings over the compiled formulas: epochs, batches, optimisers."""
