"""Where each stack's things are, and the environment that its children get."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.applied import made_before
from infra.backend import FileBackend
from infra.cli import CliInstallation
from infra.declaration import StackDeclaration
from infra.digests import Source, program_source
from infra.engine.protocol import Workspace
from infra.errors import ProjectBroken
from infra.runs import write_whole

__all__ = ["LAB_SITE", "Place", "Places"]

LAB_SITE = Path(__file__).parent / "lab" / "site"
LAB_PROJECT = "sophia-lab"
_KEPT = ("HOME", "PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
_CLOUDS = ("AWS_", "AZURE_", "GOOGLE_", "PULUMI_ACCESS_TOKEN")
"""What opens a state that isn't in a folder."""
_NEVER = (
    "SOPHIA_",
    "OPENAI_",
    "SLACK_",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSAFEPATH",
    "VIRTUAL_ENV",
    "PULUMI_CONFIG_PASSPHRASE",
)


@dataclass(frozen=True)
class Place:
    """One stack's working directory, configuration file, project, state and child environment."""

    declaration: StackDeclaration
    work_dir: Path
    project: str
    runtime: str
    config_path: Path
    backend_url: str
    state: FileBackend | None
    """None when the state isn't in a folder; then the CLI is asked."""
    environ: Mapping[str, str]
    virtualenv: Path | None = None
    """The environment that the project names for its program."""
    made_before: bool = False
    """Its state isn't in a folder, and something of it was applied from here and not destroyed since."""

    @property
    def name(self) -> str:
        """The name that people use."""
        return self.declaration.name

    @property
    def may_be_made(self) -> bool:
        """Whether its first deploy makes the stack. Elsewhere, somebody has to have made it on purpose."""
        return self.state is not None or (self.declaration.lab is not None and not self.made_before)

    def config_text(self) -> str:
        """The configuration file as it is; empty when there is none."""
        try:
            return self.config_path.read_text()
        except FileNotFoundError:
            return ""

    def config(self) -> dict[str, Any]:
        """Its `config` section: namespaced key → value, secrets as `{"secure": …}`."""
        data = _yaml(self.config_path, self.config_text()) or {}
        return dict(data.get("config") or {}) if isinstance(data, dict) else {}

    def source(self) -> Source:
        """The program as it is on disk."""
        if self.declaration.lab:
            return program_source(LAB_SITE / "sophia_lab", versioned=False)
        return program_source(self.work_dir)

    def program_dir(self) -> Path:
        """Where the program's files are."""
        return LAB_SITE / "sophia_lab" if self.declaration.lab else self.work_dir


def _yaml(path: Path, text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise ProjectBroken(
            f"{path} isn't valid YAML{line}: {getattr(error, 'problem', None) or error}.",
            not_done="Nothing was done.",
            to_do="Mend it, then ask again.",
        ) from error


def _load_project(directory: Path) -> dict[str, Any]:
    for name in ("Pulumi.yaml", "Pulumi.yml"):
        path = directory / name
        if path.is_file():
            data = _yaml(path, path.read_text())
            if isinstance(data, dict) and data.get("name") and data.get("runtime"):
                return data
            raise ProjectBroken(f"{path} names no project or no runtime.", to_do="Mend it, then ask again.")
    raise ProjectBroken(
        f"{directory} is no Pulumi project: there is no Pulumi.yaml.",
        not_done="Nothing was done.",
        to_do="Write the project's directory as the stack's `program` in sophia.toml.",
    )


def _runtime(project: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    runtime = project["runtime"]
    if isinstance(runtime, dict):
        return str(runtime.get("name", "")), runtime.get("options") or {}
    return str(runtime), {}


def _folder(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    text = url.removeprefix("file://")
    return Path(text).expanduser().resolve() if text else None


class Places:
    """Makes and remembers the place of each stack."""

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self.root = home / "infra"
        self.lab_root = self.root / "lab"
        self._environ = environ

    @property
    def environ(self) -> Mapping[str, str]:
        """Sophia's own environment, of which credentials are taken."""
        return self._environ

    def of(self, declaration: StackDeclaration) -> Place:
        """The stack's place. Raises ProjectBroken when its directory doesn't fit."""
        return self._lab(declaration) if declaration.lab else self._project(declaration)

    def _lab(self, declaration: StackDeclaration) -> Place:
        work = self.root / "lab-project"
        states = self.root / "lab-state"
        for made in (work, states, self.lab_root):
            made.mkdir(parents=True, exist_ok=True)
        _same(work / "Pulumi.yaml", (LAB_SITE / "Pulumi.yaml").read_text())
        backend = declaration.backend or f"file://{states}"
        folder = _folder(backend)
        environ = {name: self._environ[name] for name in _KEPT if name in self._environ}
        if folder is None:
            environ |= {name: value for name, value in self._environ.items() if name.startswith(_CLOUDS)}
        environ |= {
            "PULUMI_HOME": str(self.root / "pulumi-home"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PYTHONPATH": str(LAB_SITE),
            "PULUMI_CONFIG_PASSPHRASE": self._secret(declaration) or self._lab_passphrase(),
        }
        return Place(
            declaration=declaration,
            work_dir=work,
            project=LAB_PROJECT,
            runtime="python",
            config_path=work / f"Pulumi.{declaration.pulumi_name}.yaml",
            backend_url=backend,
            state=FileBackend(folder, LAB_PROJECT, declaration.pulumi_name, declaration.name) if folder else None,
            environ=_common(environ, backend),
            made_before=not folder and made_before(self.root, declaration.name),
        )

    def _project(self, declaration: StackDeclaration) -> Place:
        work = Path(declaration.program)
        project = _load_project(work)
        runtime, options = _runtime(project)
        stack = declaration.pulumi_name
        backend = declaration.backend or self._environ.get("PULUMI_BACKEND_URL", "")
        backend = backend or str((project.get("backend") or {}).get("url") or "")
        folder = _folder(backend) if backend else None
        environ = {name: value for name, value in self._environ.items() if not name.startswith(_NEVER)}
        passphrase = self._secret(declaration)
        if passphrase is not None:
            environ["PULUMI_CONFIG_PASSPHRASE"] = passphrase
        if runtime == "python" and not options.get("virtualenv") and not options.get("toolchain"):
            environ |= _python(work)
        config_dir = work / str(project.get("stackConfigDir") or ".")
        return Place(
            declaration=declaration,
            work_dir=work,
            project=str(project["name"]),
            runtime=runtime,
            config_path=config_dir / f"Pulumi.{stack.rpartition('/')[2]}.yaml",
            backend_url=backend,
            state=FileBackend(folder, str(project["name"]), stack.rpartition("/")[2], declaration.name)
            if folder
            else None,
            environ=_common(environ, backend),
            virtualenv=work / str(options["virtualenv"]) if runtime == "python" and options.get("virtualenv") else None,
            made_before=not folder and made_before(self.root, declaration.name),
        )

    def _secret(self, declaration: StackDeclaration) -> str | None:
        return self._environ.get(declaration.passphrase_env) if declaration.passphrase_env else None

    def _lab_passphrase(self) -> str:
        path = self.root / "lab-passphrase"
        if not path.exists():
            _write(path, secrets.token_urlsafe(24))
        return path.read_text()

    def workspace(
        self, place: Place, cli: CliInstallation, *, create: bool = False, exists: bool | None = None
    ) -> Workspace:
        """What a child is told of the stack."""
        known = place.state.exists() if place.state and exists is None else bool(exists)
        return Workspace(
            stack=place.declaration.pulumi_name,
            work_dir=str(place.work_dir),
            cli_root=str(cli.root),
            cli_version=cli.version,
            exists=known,
            create=create,
            lab_program=place.declaration.lab or "",
            lab_root=str(self.lab_root) if place.declaration.lab else "",
            lab_site=str(LAB_SITE) if place.declaration.lab else "",
            secrets_provider=place.declaration.secrets_provider,
            state_file=str(place.state.file) if place.state else "",
        )


def _same(path: Path, text: str) -> None:
    """Make a file have that text."""
    if not path.exists() or path.read_text() != text:
        write_whole(path, text)


def _write(path: Path, text: str) -> None:
    """Write a private file in one step; whoever is first wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _common(environ: dict[str, str], backend: str) -> dict[str, str]:
    environ |= {
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "NO_COLOR": "1",
    }
    if backend:
        environ["PULUMI_BACKEND_URL"] = backend
    return environ


def _python(work: Path) -> dict[str, str]:
    """The project's own interpreter when it has an environment that Pulumi.yaml doesn't name."""
    for name in (".venv", "venv", "env"):
        interpreter = work / name / "bin" / "python"
        if interpreter.exists():
            return {"PULUMI_PYTHON_CMD": str(interpreter), "VIRTUAL_ENV": str(work / name)}
    return {}
