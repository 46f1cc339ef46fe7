#!/usr/bin/env python3
"""Unpacks an image that skopeo wrote as a folder (`dir:`), or prints what it starts.

unpack.py IMAGE ROOT          lays the layers over each other in ROOT
unpack.py --command IMAGE     the entry point and its arguments, one a line
unpack.py --env IMAGE         the environment, one a line
"""

import json
import sys
import tarfile
from pathlib import Path


def config(image: Path) -> dict:
    manifest = json.loads((image / "manifest.json").read_text())
    return json.loads((image / manifest["config"]["digest"].split(":")[1]).read_text())["config"]


def unpack(image: Path, root: Path) -> None:
    root.mkdir()
    manifest = json.loads((image / "manifest.json").read_text())
    for layer in manifest["layers"]:
        with tarfile.open(image / layer["digest"].split(":")[1]) as tar:
            names = [m for m in tar.getmembers() if not Path(m.name).name.startswith(".wh.")]
            tar.extractall(root, members=names, filter="fully_trusted")
    root.chmod(0o755)


match sys.argv[1:]:
    case ["--command", image]:
        settings = config(Path(image))
        print(*settings.get("Entrypoint", []), *settings.get("Cmd", []), sep="\n")
    case ["--env", image]:
        print(*config(Path(image)).get("Env", []), sep="\n")
    case [image, root]:
        unpack(Path(image), Path(root))
    case _:
        sys.exit(__doc__)
