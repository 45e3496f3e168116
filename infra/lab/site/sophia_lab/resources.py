"""The lab's resource types: dynamic providers whose `create` adopts what already carries the name."""

from __future__ import annotations

import random
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from sophia_lab import services, stores

__all__ = ["Bucket", "Database", "Distribution", "Metrics", "Service"]

Properties = dict[str, Any]
_IDENTITY = ("root", "stack", "name")


def _id(props: Mapping[str, Any]) -> str:
    return f"{props['stack']}/{props['name']}"


def _declared(props: Mapping[str, Any]) -> Properties:
    return {name: value for name, value in props.items() if not name.startswith("__")}


def _difference(old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[str, ...]) -> DiffResult:
    replaces = [name for name in _IDENTITY if old.get(name) != new.get(name)]
    changed = [name for name in names if old.get(name) != new.get(name)]
    return DiffResult(changes=bool(replaces or changed), replaces=replaces, stables=[], delete_before_replace=True)


class _OpenProvider(ResourceProvider):
    """A provider that captures no secret, so that state holds it readable and unchanged from run to run."""

    serialize_as_secret_always = False


class ServiceProvider(_OpenProvider):
    """Services: processes with a health endpoint."""

    def _start(self, props: Mapping[str, Any]) -> Properties:
        wanted = services.Wanted(
            root=props["root"],
            stack=props["stack"],
            name=props["name"],
            version=props["version"],
            replicas=int(props["replicas"]),
            warmup=float(props.get("warmup", 0)),
        )
        service = services.start(wanted)
        return {**_declared(props), "url": service.url, "port": service.port, "running": True}

    def create(self, props: Properties) -> CreateResult:
        """Start it, or adopt the one that runs."""
        return CreateResult(_id(props), self._start(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """As it is now."""
        service = services.read(props["root"], props["stack"], props["name"])
        if service is None:
            return ReadResult("", {})
        seen = {
            "version": service.version,
            "replicas": service.replicas,
            "port": service.port,
            "url": service.url,
            "running": service.running,
        }
        return ReadResult(id_, {**_declared(props), **seen})

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another version or number of replicas, or it doesn't run."""
        found = _difference(_olds, _news, ("version", "replicas"))
        found.changes = found.changes or _olds.get("running") is False
        return found

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Restart it as wanted, on the port it has."""
        return UpdateResult(self._start(_news))

    def delete(self, _id: str, _props: Properties) -> None:
        """End it."""
        services.stop(_props["root"], _props["stack"], _props["name"])


class DatabaseProvider(_OpenProvider):
    """Databases: SQLite files with a schema."""

    def create(self, props: Properties) -> CreateResult:
        """Make the file and its tables, or adopt what is there."""
        return CreateResult(_id(props), self._migrate(props))

    def _migrate(self, props: Mapping[str, Any]) -> Properties:
        path = stores.database_path(props["root"], props["stack"], props["name"])
        stores.migrate(path, props["tables"])
        return {**_declared(props), "path": str(path)}

    def read(self, id_: str, props: Properties) -> ReadResult:
        """The schema as it is."""
        path = stores.database_path(props["root"], props["stack"], props["name"])
        tables = stores.read_tables(path)
        if tables is None:
            return ReadResult("", {})
        return ReadResult(id_, {**_declared(props), "tables": tables, "path": str(path)})

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another schema."""
        return _difference(_olds, _news, ("tables",))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Migrate the schema; data is kept."""
        return UpdateResult(self._migrate(_news))

    def delete(self, _id: str, _props: Properties) -> None:
        """Delete the file with its data."""
        stores.delete_database(stores.database_path(_props["root"], _props["stack"], _props["name"]))


class BucketProvider(_OpenProvider):
    """Buckets: folders with settings."""

    def _put(self, props: Mapping[str, Any]) -> Properties:
        path = stores.bucket_path(props["root"], props["stack"], props["name"])
        stores.put_bucket(path, {"versioned": props["versioned"], "public": props["public"]})
        return {**_declared(props), "path": str(path)}

    def create(self, props: Properties) -> CreateResult:
        """Make the folder, or adopt it with what it holds."""
        return CreateResult(_id(props), self._put(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """The settings as they are."""
        path = stores.bucket_path(props["root"], props["stack"], props["name"])
        found = stores.read_bucket(path)
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, {**_declared(props), **found, "path": str(path)})

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Other settings."""
        return _difference(_olds, _news, ("versioned", "public", "force_destroy"))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Change the settings; objects stay."""
        return UpdateResult(self._put(_news))

    def delete(self, _id: str, _props: Properties) -> None:
        """Remove the folder, with objects only when the program says force_destroy."""
        path = stores.bucket_path(_props["root"], _props["stack"], _props["name"])
        stores.delete_bucket(path, force=bool(_props.get("force_destroy")))


class MetricsProvider(_OpenProvider):
    """A metrics feed: like many real resources, it answers each read with new values."""

    def _now(self, props: Mapping[str, Any]) -> Properties:
        measured = {"last_seen": time.time(), "samples": secrets.randbelow(10**9), "load": secrets.randbelow(100)}
        return {**_declared(props), **measured}

    def create(self, props: Properties) -> CreateResult:
        """Nothing has to be made."""
        return CreateResult(_id(props), self._now(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """New values each time."""
        return ReadResult(id_, self._now(props))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Only a change of what is declared."""
        return _difference(_olds, _news, ("interval",))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Nothing has to be changed."""
        return UpdateResult(self._now(_news))


class DistributionProvider(_OpenProvider):
    """A content distribution: its entity tag and the order of its edges differ at each read."""

    def _now(self, props: Mapping[str, Any]) -> Properties:
        edges = list(props["edges"])
        random.shuffle(edges)
        return {**_declared(props), "edges": edges, "etag": uuid.uuid4().hex}

    def create(self, props: Properties) -> CreateResult:
        """Nothing has to be made."""
        return CreateResult(_id(props), self._now(props))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Another tag and another order each time."""
        return ReadResult(id_, self._now(props))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Other edges, in whatever order."""
        found = _difference(_olds, _news, ())
        found.changes = found.changes or sorted(_olds["edges"]) != sorted(_news["edges"])
        return found

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Nothing has to be changed."""
        return UpdateResult(self._now(_news))


class _Named(Resource):
    """A resource known by root, stack and name."""

    implementation: type[ResourceProvider]
    computed: tuple[str, ...] = ()

    def __init__(self, name: str, props: Properties, opts: pulumi.ResourceOptions | None = None) -> None:
        outputs = dict.fromkeys(self.computed)
        super().__init__(type(self).implementation(), name, {"name": name, **props, **outputs}, opts)


class Service(_Named, module="lab", name="Service"):
    """A running process with a health endpoint."""

    implementation = ServiceProvider
    computed = ("url", "port", "running")
    url: pulumi.Output[str]
    port: pulumi.Output[int]


class Database(_Named, module="lab", name="Database"):
    """An SQLite file with a schema."""

    implementation = DatabaseProvider
    computed = ("path",)
    path: pulumi.Output[str]


class Bucket(_Named, module="lab", name="Bucket"):
    """A folder with settings."""

    implementation = BucketProvider
    computed = ("path",)
    path: pulumi.Output[str]


class Metrics(_Named, module="lab", name="Metrics"):
    """A feed whose values differ at each read."""

    implementation = MetricsProvider
    computed = ("last_seen", "samples", "load")


class Distribution(_Named, module="lab", name="Distribution"):
    """A distribution whose tag and order differ at each read."""

    implementation = DistributionProvider
    computed = ("etag",)
