"""Lesson files. All checking of input happens here; what leaves this room is sound."""
