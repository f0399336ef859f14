"""`python -m stepnn`."""

from stepnn.cli.start import run

run()
