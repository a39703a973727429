"""Fuzzing: every reader of foreign bytes, the sessions, and the whole host with a neighbour.

python -m tests.fuzz                 # every target, guided by coverage (extra `fuzz`)
python -m tests.fuzz practice --runs 200000 --seed 7
"""

import sys
from pathlib import Path

# The pure hosts of tests/ import each other by their bare names, as pytest lets them.
_TESTS = str(Path(__file__).resolve().parent.parent)
if _TESTS not in sys.path:
    sys.path.append(_TESTS)
