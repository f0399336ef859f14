"""The commands: load, trace, view, and nothing else."""
