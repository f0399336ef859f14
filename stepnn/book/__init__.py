"""The book of formulas, as data: every function, activation, loss and update rule. It imports nothing."""
