"""Floor 1: derivatives by SymPy, numbers by NumPy. No other room imports sympy."""
