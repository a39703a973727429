"""Whole competitions in real processes."""
