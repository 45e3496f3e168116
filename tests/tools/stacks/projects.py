"""Pulumi project directories of somebody else's, with virtual environments of their own."""

from __future__ import annotations

import sysconfig
import venv
from pathlib import Path

from infra.declaration import StackDeclaration

FILES = """
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

class FileProvider(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        Path(props["path"]).write_text(props["text"])
        return CreateResult(props["path"], {"path": props["path"], "text": props["text"]})
    def read(self, id_, props):
        path = Path(props["path"])
        if not path.exists():
            return ReadResult("", {})
        return ReadResult(id_, {"path": props["path"], "text": path.read_text()})
    def diff(self, _id, olds, news):
        return DiffResult(changes=olds["text"] != news["text"])
    def update(self, _id, olds, news):
        Path(news["path"]).write_text(news["text"])
        return UpdateResult({"path": news["path"], "text": news["text"]})
    def delete(self, _id, props):
        Path(props["path"]).unlink(missing_ok=True)

class File(Resource, module="demo", name="File"):
    def __init__(self, name, path, text, opts=None):
        super().__init__(FileProvider(), name, {"path": path, "text": text}, opts)
"""
PROGRAM = """
import importlib.util, os, sys
import pulumi
import tools
from files import File

config = pulumi.Config()
if config.get("roles"):
    with open(config.get("roles"), "a") as roles:
        roles.write(f"{os.environ.get('ROLE')} {os.environ.get('WRITER')}\\n")
File("note", config.require("path"), f"{tools.GREETING} {config.get('who') or 'world'}")
pulumi.export("interpreter", sys.executable)
pulumi.export("theirs", tools.__file__)
pulumi.export("ours", [name for name in ("agent", "infra", "memory") if importlib.util.find_spec(name)])
"""


def project(folder: Path, **files: str) -> Path:
    """A Pulumi project with a virtual environment that sees the packages that the tests have, but no Sophia."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: greetings\nruntime: python\n")
    contents = {"__main__.py": PROGRAM, "files.py": FILES, "tools.py": 'GREETING = "hello"\n'}
    for name, text in (contents | {f"{name}.py": text for name, text in files.items()}).items():
        (folder / name).write_text(text)
    venv.create(folder / ".venv", symlinks=True)
    site = next((folder / ".venv").glob("lib/python*/site-packages"))
    (site / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def declared(folder: Path, **more: object) -> StackDeclaration:
    return StackDeclaration(
        name="greetings-dev",
        program=str(folder),
        pulumi_stack="dev",
        backend=f"file://{folder.parent}",
        passphrase_env="GREETINGS_PASSPHRASE",
        **more,
    )
