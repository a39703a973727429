"""Tries out a pupil's server: we play against it, alone, in a crowd, and roughly."""
