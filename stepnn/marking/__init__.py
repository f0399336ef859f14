"""Marking: tables of answers in, points, feedback and a report on the class out."""
