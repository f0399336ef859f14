"""Floor: networks, boards and charts as shapes and as characters."""
