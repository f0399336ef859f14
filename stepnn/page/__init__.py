"""Floor: what a page shows, decided once, as blocks."""
