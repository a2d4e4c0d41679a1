# SPDX-License-Identifier: MIT
"""Where suites come from: Debian's sources and packages, Python's and node's registries, by their own
clients. What they fetch stays in a folder of the section; the machine is not changed.

A step is (function, word, …) in a row of suites.py; it is called with the section's folder first.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from runs import ROOT

CACHE = ROOT / "build-compat"


class Unavailable(Exception):
    """A section can't be run here, and why."""


def call(folder, *words, **more):
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **more)
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise Unavailable(f"{shlex.join(words)[:200]}: status {done.returncode}\n{last}")
    return done.stdout


def _apt_options():
    """Options of a private apt: the machine's own sources, with their source packages switched on."""
    private = CACHE / "apt"
    if not (private / "done").exists():
        for name in ("parts", "lists/partial", "cache/archives/partial"):
            (private / name).mkdir(parents=True, exist_ok=True)
        for file in pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"):
            rows = [line if not line.startswith("Types:") else "Types: deb deb-src"
                    for line in file.read_text().splitlines()]
            (private / "parts" / file.name).write_text("\n".join(rows) + "\n")
        for file in [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*.list")]:
            if file.exists():
                rows = [line for line in file.read_text().splitlines() if line.startswith("deb ")]
                rows += ["deb-src " + line[4:] for line in rows]
                (private / "parts" / (file.stem + ".list")).write_text("\n".join(rows) + "\n")
    settings = {"Dir::Etc::SourceList": "/dev/null", "Dir::Etc::SourceParts": private / "parts",
                "Dir::State::Lists": private / "lists", "Dir::Cache": private / "cache",
                "Dir::State::status": "/dev/null",  # what is installed here is no reason for another version
                "APT::Sandbox::User": "root"}
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    if not (private / "done").exists():
        call(private, "apt-get", *options, "-q", "update")
        (private / "done").touch()
    return options


def debian_source(folder, package):
    """The source package, unpacked and patched, as `src`."""
    if shutil.which("dpkg-source") is None:
        raise Unavailable("no dpkg-source: install dpkg-dev")
    _download_source(folder, package)
    description = max(folder.glob("*.dsc"), key=lambda file: file.stat().st_mtime)
    shutil.rmtree(folder / "src", ignore_errors=True)
    call(folder, "dpkg-source", "--no-check", "-x", description.name, "src")
    (folder / "version").write_text(description.stem.replace("_", " ") + "\n")


def _download_source(folder, package):
    """The newest version that can be had: mirrors list some that they do not hold."""
    shown = call(folder, "apt-cache", *_apt_options(), "showsrc", "--only-source", package)
    versions = [line.split()[1] for line in shown.splitlines() if line.startswith("Version:")]
    for version in dict.fromkeys(versions):
        try:
            call(folder, "apt-get", *_apt_options(), "-q", "source", "--only-source", "--download-only",
                 f"{package}={version}")
            return
        except Unavailable as reason:
            refused = reason
            for file in folder.glob("*.dsc"):
                file.unlink()
    raise refused if versions else Unavailable(f"no source package {package}")


def debian_packages(folder, *packages):
    """Binary packages, unpacked below `root` and not installed."""
    call(folder, "apt-get", *_apt_options(), "-q", "download", *packages)
    for file in sorted(folder.glob("*.deb")):
        call(folder, "dpkg-deb", "-x", file.name, "root")
        (folder / "version").write_text(" ".join(file.stem.split("_")[:2]) + "\n")


def python(version):
    """The interpreter of a version: Debian's own, or one that pyenv has installed."""
    debian = pathlib.Path(f"/usr/bin/python{version}")
    if debian.exists():
        return str(debian)
    root = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    for path in sorted(root.glob(f"versions/{version}.*/bin/python3")):
        return str(path)
    raise Unavailable(f"no CPython {version}: neither /usr/bin/python{version} nor one of pyenv")


def venv(folder, version, *packages):
    """A virtual environment `venv` with `packages`, the first of which is the one under test."""
    call(folder, python(version), "-m", "venv", "venv")
    call(folder, "venv/bin/python", "-m", "pip", "install", "-q", *packages)
    name = packages[0].split("[")[0].split("==")[0]
    shown = call(folder, "venv/bin/python", "-c",
                 f"import importlib.metadata as m, platform; print('{name}', m.version('{name}'),"
                 " 'on CPython', platform.python_version())")
    (folder / "version").write_text(shown)


def sdist(folder, package):
    """The source distribution of a package, unpacked as `src`; what builds it may be no source."""
    call(folder, sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", package.split("==")[0],
         "-d", "sdist", package)
    _unpack(folder, next((folder / "sdist").iterdir()))


def node_package(folder, package):
    """A package of node's registry as `src`, with what its tests need."""
    file = call(folder, "npm", "pack", "--silent", package).strip().splitlines()[-1]
    _unpack(folder, folder / file)
    (folder / "version").write_text(pathlib.Path(file).stem.replace("-", " ") + "\n")
    node_dependencies(folder)


def node_dependencies(folder, *packages):
    words = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent", *packages]
    call(folder / "src", *words)


def _unpack(folder, archive):
    shutil.rmtree(folder / "src", ignore_errors=True)
    (folder / "src").mkdir()
    call(folder, "tar", "xf", str(archive), "-C", "src", "--strip-components=1", "--no-same-owner")


def shell(folder, script):
    call(folder, "sh", "-ec", script)


def program(folder, name, *words):
    """A program that is there; `words` make it say its version, in the first number with a point."""
    try:
        said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise Unavailable(f"no {name}: there is no {words[0]}") from missing
    version = re.search(r"\d+\.[\w.]+", said.stdout + said.stderr)
    if not version:
        raise Unavailable(f"no {name}: {shlex.join(words)} names no version")
    (folder / "version").write_text(f"{name} {version[0]}\n")


def interpreter(folder, version):
    """An interpreter that is there, with its tests."""
    path = python(version)
    call(folder, path, "-c", "import test.test_os")
    (folder / "version").write_text(f"CPython {call(folder, path, '-V').split()[-1]}\n")


def prepare(folder, steps):
    """Does the steps of a row once; again when the row has changed."""
    stamp = folder / "prepared"
    wanted = repr([(step.__name__, *words) for step, *words in steps])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for step, *words in steps:
        step(folder, *words)
    stamp.write_text(wanted)
