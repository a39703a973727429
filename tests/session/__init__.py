"""Mirrors justeprix/session."""
