"""Floor 2: whole trainings over the compiled formulas: epochs, batches, optimisers."""
