# SPDX-License-Identifier: MIT
"""The formats that the command knows, by its own table."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
OFFLOOP = pathlib.Path(os.environ.get("OFFLOOP_BUILD", ROOT / "build")).resolve() / "report" / "offloop"

DESCRIBED = json.loads(subprocess.check_output([OFFLOOP, "--describe"])) if OFFLOOP.exists() else {"formats": []}
FORMATS = [each["name"] for each in DESCRIBED["formats"]]
