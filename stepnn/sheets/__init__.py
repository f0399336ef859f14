"""Floor 3: exercise sheets and their answer keys, as masks over a trace."""
