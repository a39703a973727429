"""One target under atheris, guided by coverage; a process of its own, for it never returns.

python -m tests.fuzz.guided TARGET SEED RUNS FOLDER     # new inputs go to FOLDER
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

__all__ = ["MISSING", "Guided", "guided"]

MISSING = "" if find_spec("atheris") else "needs atheris: pip install 'justeprix[fuzz]' (Linux)"
"""Why nothing can be guided here; empty if it can."""

LONGEST = 1200
"""Bytes of an input: two messages of the greatest size."""

HANGS = 20
"""Seconds after which one input counts as a hang."""

CORPUS = Path(__file__).parent / "corpus"


class Guided(NamedTuple):
    """What a run came to: inputs tried, and what libFuzzer said of a crash, or nothing."""

    runs: int
    crash: str


def guided(name: str, *, seed: int, runs: int, found: Path, patience: float = 600.0) -> Guided:
    """Run a target so many times; inputs that reached new code are put into the folder `found`."""
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(seed), str(runs), str(found)]
    ended = subprocess.run(command, capture_output=True, timeout=patience, check=False)
    told = ended.stderr.decode("utf-8", "replace")
    done = re.search(r"^Done (\d+) runs", told, re.MULTILINE)
    if ended.returncode == 0 and done:
        return Guided(int(done[1]), "")
    raised = told.rpartition("Uncaught Python exception")[2].partition("\n==")[0]
    return Guided(0, f"{name}, seed {seed}: exit code {ended.returncode}\n{raised[-3000:]}")


def _fuzz(name: str, seed: str, runs: str, found: str) -> None:
    import atheris

    # Instrumented while imported: nothing of ours may have been imported before.
    with atheris.instrument_imports(include=["justeprix", "websockets"]):
        from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    with tempfile.NamedTemporaryFile("w", suffix=".dict") as words:
        words.writelines(f'"{_quoted(word)}"\n' for word in target.words if len(word) <= 64)
        words.flush()
        kept = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
        options = [f"-seed={int(seed) or 1}", f"-runs={runs}", f"-max_len={LONGEST}"]
        options += [f"-timeout={HANGS}", f"-dict={words.name}", f"-artifact_prefix={found}/"]
        atheris.Setup([sys.argv[0], *options, found, *kept], target.run)
        atheris.Fuzz()


def _quoted(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    _fuzz(*sys.argv[1:])
