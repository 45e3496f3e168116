"""One door for each kind of outside world: who uses what, read from the source of every module.

ruff and import-linter hold the same rules while somebody writes; this holds them where a file that may open one door
could open a second one, which a list of files can't tell apart, and against those who go round: by another name, by
`getattr`, by importing at run time, by code that comes as text, through a frame. What gets past a reader of source is
stopped when it runs: see `test_bypasses.py`, which lists both.
"""

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "tools", "prompts", "memory", "infra", "evals")

DOORS = {
    "environment variables": ({"os.environ", "os.environb", "os.getenv", "os.getenvb"}, ("agent/settings/",)),
    "HTTP": (
        {"httpx", "httpcore", "requests", "urllib.request", "urllib3", "http.client", "h11", "h2"},
        ("tools/web/", "infra/cli/_download.py"),
    ),
    "Pulumi": ({"pulumi"}, ("infra/",)),
    "the model": ({"langchain_openai", "openai", "httpx2", "httpcore2"}, ("agent/planning/model/",)),
    # the lab's databases are resources that a stack deploys, not where anything is remembered; and what is there after
    # a crash, or how much room it takes, is looked at past the stores, whose word it is that is being judged
    "the database": (
        {"sqlalchemy", "alembic", "sqlite3", "psycopg", "psycopg_pool", "aiosqlite", "asyncpg"},
        (
            "memory/",
            "infra/lab/site/",
            "evals/crash/records.py",
            "evals/bench/sweeps.py",
            "evals/bench/serving/past.py",
        ),
    ),
    "the search index": ({"chromadb"}, ("memory/",)),
    "Slack": ({"slack_bolt", "slack_sdk"}, ("agent/slack/",)),
    # who listens, and who only looks whether somebody is there
    "connections": (
        {"socket.socket", "socket.create_connection", "socket.create_server", "socket.fromfd", "_socket", "aiohttp"}
        | {"socketserver", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "websockets", "grpc"}
        | {"asyncio.open_connection", "asyncio.start_server", "asyncio.open_unix_connection", "http.server"}
        | {".create_connection", ".create_datagram_endpoint", ".create_unix_connection", ".sock_connect"},
        (
            "tools/web/",
            "agent/slack/",
            "agent/serving/process.py",
            "agent/demo/serving.py",
            "agent/terminal/examinations.py",
            "infra/health.py",
            "infra/lab/site/",
            "evals/",
        ),
    ),
    "programs": (
        {"subprocess", "_posixsubprocess", "multiprocessing", "pty", "os.system", "os.popen", "os.fork", "os.forkpty"}
        | {
            f"os.{name}{kind}"
            for name in ("exec", "spawn")
            for kind in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")
        }
        | {"os.posix_spawn", "os.posix_spawnp", "concurrent.futures.ProcessPoolExecutor"}
        | {
            "asyncio.create_subprocess_exec",
            "asyncio.create_subprocess_shell",
            ".subprocess_exec",
            ".subprocess_shell",
        },
        (
            "infra/",
            "agent/demo/children.py",
            "agent/slack/drawing.py",
            "agent/terminal/examinations.py",
            "tools/detection/extraction.py",
            "evals/",
        ),
    ),
    "code that comes as text or bytes": (
        {
            "builtins.exec",
            "builtins.eval",
            "builtins.compile",
            "builtins.__import__",
            "builtins.globals",
            "runpy",
            "imp",
        }
        | {"importlib.import_module", "importlib.reload", "importlib.machinery", "importlib.util.module_from_spec"}
        | {
            "pickle",
            "_pickle",
            "cloudpickle",
            "dill",
            "marshal",
            "shelve",
            "ctypes",
            "_ctypes",
            "cffi",
            "code",
            "codeop",
        },
        # each imports by a name that is fixed in the source, or listed in a folder of ours
        ("tools/registry.py", "memory/dump.py", "infra/engine/jobs.py", "evals/"),
    ),
    "the insides of others": (
        {
            "sys._getframe",
            "sys._current_frames",
            "sys.modules",
            "sys.settrace",
            "sys.setprofile",
            "inspect.currentframe",
        }
        | {"inspect.stack", "inspect.trace", "inspect.getclosurevars", "gc.get_objects", "gc.get_referrers"}
        | {"gc.get_referents", "unittest.mock", "computed", "patched"}
        | {
            f".{name}"
            for name in ("__globals__", "__closure__", "__code__", "__builtins__", "__subclasses__", "__self__")
        }
        | {
            f".{name}"
            for name in ("f_globals", "f_locals", "f_back", "cell_contents", "gi_frame", "cr_frame", "tb_frame")
        },
        # moments of a process that is made to be killed; a child's own standard output; how often DBOS looks; standard
        # streams that were closed before we began
        ("evals/crash/boundaries.py", "infra/engine/child.py", "agent/serving/durable.py", "agent/terminal/outlets.py"),
    ),
    "permits": (
        {".mint", ".mint_again", "memory.effects.PermitRow"},
        ("agent/turn/effects.py", "memory/", "evals/bench/"),
    ),
}


class _Names(ast.NodeVisitor):
    """Collects every dotted name that a module uses, by whatever local name."""

    def __init__(self, tree: ast.AST) -> None:
        self.aliases: dict[str, str] = {}
        self.used: set[str] = set()
        for node in ast.walk(tree):
            self._bind(node)
        self.visit(tree)

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    self.used.add(alias.name)
                    self.aliases[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for alias in names:
                    self.used.add(f"{module}.{alias.name}")
                    self.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
                if (dotted := self.dotted(value)) and name not in self.aliases:
                    self.aliases[name] = dotted

    def dotted(self, node: ast.expr) -> str | None:
        """What an expression names, if it is a name that was imported, a built-in, or a part of one."""
        match node:
            case ast.Name(id=name):
                return self.aliases.get(name) or (f"builtins.{name}" if name in _BUILT_IN else None)
            case ast.Attribute(value=value, attr=attribute):
                base = self.dotted(value)
                return f"{base}.{attribute}" if base else None
            case ast.Call(func=ast.Name(id="getattr"), args=[base, ast.Constant(value=str(attribute)), *_]):
                found = self.dotted(base)
                return f"{found}.{attribute}" if found else None
        return None

    def visit_Name(self, node: ast.Name) -> None:
        self.used |= {found} if (found := self.dotted(node)) else set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.used.add(f".{node.attr}")
        self.used |= {found} if (found := self.dotted(node)) else set()
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[base, ast.Constant(value=str(attribute)), *_]):
                self.used |= {f".{attribute}", self.dotted(node) or ""}
            case ast.Call(func=ast.Name(id="getattr" | "vars"), args=[base, *_]) if (
                self.dotted(base) in self._modules()
            ):
                self.used.add("computed")
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[base, *_]) if self.dotted(base):
                self.used.add("patched")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and self.dotted(target.value):
                self.used.add("patched")
        self.generic_visit(node)

    def _modules(self) -> set[str]:
        return {name for name in self.aliases.values() if name.partition(".")[0] in _REACHING}


_BUILT_IN = frozenset({"exec", "eval", "compile", "__import__", "globals"})
_REACHING = frozenset({"os", "sys", "socket", "asyncio", "importlib", "builtins", "gc", "subprocess", "memory"})
"""Modules of which an attribute with a computed name could be anything that matters."""


def names_used(tree: ast.AST) -> set[str]:
    """Every dotted name that a module imports or mentions; `.name` for every attribute of anything."""
    return _Names(tree).used


def opened(source: str, behind: set[str]) -> set[str]:
    """Which of the names behind a door a module uses."""
    return _behind(names_used(ast.parse(source)), behind)


def _behind(used: Iterable[str], behind: set[str]) -> set[str]:
    return {name for use in used for name in behind if f"{use}.".startswith(f"{name}.") or _star(use, name)}


@functools.cache
def _names_in(package: str) -> dict[str, set[str]]:
    return {
        path.relative_to(ROOT).as_posix(): names_used(ast.parse(path.read_text()))
        for path in (ROOT / package).rglob("*.py")
    }


def _star(use: str, name: str) -> bool:
    return use.endswith(".*") and name.startswith(use[:-1])


def doors_opened(source: str) -> Iterator[str]:
    """The doors that a module would need."""
    for world, (behind, _) in DOORS.items():
        if opened(source, behind):
            yield world


@pytest.mark.parametrize("world", DOORS)
def test_only_the_door_opens_it(world: str) -> None:
    behind, door = DOORS[world]
    found = {
        path: sorted(names)
        for package in PACKAGES
        for path, used in _names_in(package).items()
        if not path.startswith(door) and (names := _behind(used, behind))
    }
    assert found == {}


def test_names_that_only_begin_alike_are_another_matter() -> None:
    assert not opened("import pulumi_aws_like\nimport httpx2\nfrom os import path", {"pulumi", "httpx", "os.environ"})
    innocent = (
        "import re\nclass C:\n    def compile(self): ...\nre.compile('x')\nC().compile()\nself = C()\nself.x = 1\n"
    )
    assert list(doors_opened(innocent)) == []
