"""What stands behind `justeprix` and `python` while a test runs the shell blocks of a document.

A host gets free ports, is waited for, and ended; who needs one finds one, at SERVER; results are in
KEPT. What would install or test anew is only looked at. Everything else is done as it is written.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

from tests.support.places import ROOT
from tests.support.processes import HOST, running


def justeprix(words: list[str]) -> int:
    server, kept = ("--server", os.environ["SERVER"]), ("--db", os.environ["KEPT"])
    added = {"play": server, "bot": server, "results": kept, "replay": kept}
    command = words[0] if words else ""
    if command == "host":
        return _host(words, os.environ["KEPT"] if "--resume" in words else ":memory:")
    return _run("-m", "justeprix", *words, *added.get(command, ()))


def _host(words: list[str], db: str) -> int:
    """Open a host as it is written, but on ports that are free; end it when it is open."""
    with running(*words, *HOST[1:], "--db", db) as host:
        host.wait_for("Commandes : ")
        host.type("fin")
        code = host.end()
        print(host.output)
        return code


def python(words: list[str]) -> int:
    match words:
        case ["-m", "pip", "install", *what]:
            return _said("no such extra", what) if not all(map(_is_ours, what)) else 0
        case ["-m", "pytest", *what]:
            return _said("no such tests", what) if not _are_tests(" ".join(what)) else 0
        case _:
            return _run(*words)


def _is_ours(requirement: str) -> bool:
    """Whether pip would find it: this folder or this package, with extras that there are."""
    match = re.fullmatch(r"(?:\.|justeprix)(?:\[([a-z0-9,]+)\])?", requirement)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = match[1].split(",") if match and match[1] else []
    return bool(match) and set(extras) <= project["optional-dependencies"].keys()


def _are_tests(options: str) -> bool:
    """Whether pytest would know what to do: so many at a time, in these folders and files."""
    match = re.fullmatch(r"(?:-n \d+ ?)?((?:tests\S*(?: |$))*)", options)
    return bool(match) and all((ROOT / path).exists() for path in match[1].split())


def _run(*words: str) -> int:
    return subprocess.run([sys.executable, *words]).returncode


def _said(why: str, words: list[str]) -> int:
    print(f"{why}: {' '.join(words)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit({"justeprix": justeprix, "python": python}[sys.argv[1]](sys.argv[2:]))
