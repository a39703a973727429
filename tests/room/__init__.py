"""Mirrors justeprix/room."""
