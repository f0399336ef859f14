"""Exercise sheets and their answer keys on paper, from an assignment and the number of a student."""
