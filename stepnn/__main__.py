"""`python -m stepnn`."""

from stepnn.cli.app import main

main()
