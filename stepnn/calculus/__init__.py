"""Derivatives by SymPy, numbers by NumPy. No other room imports sympy."""
