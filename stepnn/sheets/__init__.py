"""Exercise sheets and their answer keys, as masks over a trace."""
