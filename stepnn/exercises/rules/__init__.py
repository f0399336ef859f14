"""The catalogue of mistakes: each is a function that gives the wrong formulas which it makes of a right one.

Its name is the name of the mistake. It is frozen, since marks, histories and other programs keep it. What a mistake is
called, and the hint that goes with it, stand in the catalogues of words.
"""
