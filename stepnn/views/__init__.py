"""Floor 3: steps as text, one module per kind of output. Nothing is calculated here."""
