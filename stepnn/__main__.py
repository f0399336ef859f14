"""`python -m stepnn`."""

from stepnn.cli.app import run

run()
