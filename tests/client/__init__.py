"""Mirrors justeprix/client."""
