"""Mirrors justeprix/bench; tests/bench is the comparison with other servers."""
