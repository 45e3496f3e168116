"""Which names a module's source uses, by whatever local name: what the one-door rules are held against.

Besides dotted names (`os.environ`) and attributes of anything (`.mint`) it tells of what a reader of names can't
follow, as a name of its own: `computed` for an attribute whose name is made at run time, `handed` for a module that
is passed about as a value, `patched` for a part of somebody else's that is exchanged, `written` for a file that is
opened to be written, `proc` for the kernel's own files.
"""

from __future__ import annotations

import ast
import functools
import importlib
import types
from collections.abc import Iterator

__all__ = ["imported", "names_used"]

_BUILT_IN = frozenset(
    {"exec", "eval", "compile", "__import__", "globals", "vars", "open", "breakpoint"}
    | {"__builtins__", "__loader__", "__spec__"}
)
_MODULES = frozenset(
    {"os", "sys", "socket", "asyncio", "importlib", "builtins", "gc", "subprocess", "posix", "inspect", "operator"}
    | {"ctypes", "pickle", "sqlite3", "multiprocessing", "httpx", "pulumi", "sqlalchemy", "slack_sdk", "openai"}
)
"""Modules of which an attribute with a name that nobody sees could be anything that matters."""
_OURS = ("agent.", "tools.", "prompts.", "memory.", "infra.", "evals.")


def names_used(tree: ast.AST) -> set[str]:
    """Every dotted name that a module imports or mentions; `.name` for every attribute of anything."""
    return _Names(tree).used


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, or of which something is."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module


class _Names(ast.NodeVisitor):
    """Collects the names."""

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
                    self._use(alias.name)
                    whole, first = alias.name, alias.name.partition(".")[0]
                    self.aliases[alias.asname or first] = whole if alias.asname else first
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for alias in names:
                    self._use(f"{module}.{alias.name}")
                    self.used.add(f".{alias.name}")
                    self.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
                if (dotted := self.dotted(value)) and name not in self.aliases:
                    self.aliases[name] = dotted

    def _use(self, dotted: str | None) -> None:
        """Also from a module on that another one happens to have imported: `logging.os.environ` is `os.environ`.

        Of our own modules mypy takes only what they define, or list as theirs.
        """
        if dotted:
            self.used.add(dotted)
        if dotted and not dotted.startswith(_OURS):
            parts = [part.lstrip("_") or part for part in dotted.split(".")]
            self.used |= {".".join(parts[at:]) for at in range(1, len(parts)) if parts[at] in _MODULES}

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
        self._value(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._value(node)
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            self.used.add(f".{inner.attr}")
            inner = inner.value
            self._use(self.dotted(inner))
        if not isinstance(inner, ast.Name):
            self.visit(inner)

    def _value(self, node: ast.Name | ast.Attribute) -> None:
        """A name that isn't the beginning of another one: a module is a value here, and what becomes of it is lost."""
        dotted = self.dotted(node)
        self._use(dotted)
        if dotted and isinstance(node.ctx, ast.Load) and _is_module(dotted):
            self.used.add("handed")

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[base, ast.Constant(value=str(attribute)), *_]):
                self.used.add(f".{attribute}")
                self._use(self.dotted(node))
            case ast.Call(func=ast.Name(id="getattr"), args=[_, *_]):
                self.used.add("computed")
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[base, *_]) if self._of_others(base):
                self.used.add("patched")
            case ast.Call(func=ast.Name(id="open") | ast.Attribute(attr="open")) if _to_write(node):
                self.used.add("written")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute) and self._of_others(target.value):
                self.used.add("patched")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node.value.startswith(("/proc/", "/dev/fd")):
            self.used.add("proc")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name.startswith("__"):
            self.used.add(f".{node.name}")
        self.generic_visit(node)

    def _of_others(self, base: ast.expr) -> bool:
        """Whether it is something imported, or the class of something."""
        return bool(self.dotted(base)) or (isinstance(base, ast.Call) and ast.unparse(base.func) == "type")


@functools.cache
def _is_module(dotted: str) -> bool:
    """Whether it is a module that matters, perhaps one that another one happens to have imported."""
    where, _, name = dotted.rpartition(".")
    if name.lstrip("_") not in _MODULES or dotted.startswith(_OURS):
        return False
    return not where or isinstance(getattr(importlib.import_module(where), name, None), types.ModuleType)


def _to_write(call: ast.Call) -> bool:
    words = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
    return any(set(mode) <= set("rwaxbt+:gzx2") and set(mode) & set("wax+") for mode in modes)
