"""Floor 4: the commands: load, trace, view, and nothing else."""
