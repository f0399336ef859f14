"""Formulas: how they are read, rearranged and written."""
