"""Practice at the keyboard: what is asked next, what is said of an answer, and what is remembered of both."""
