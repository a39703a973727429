"""Mirrors justeprix/game."""
