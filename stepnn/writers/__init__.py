"""Steps as text, one module per kind of output. Nothing is calculated here."""
