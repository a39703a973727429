"""Mirrors justeprix/workshop."""
