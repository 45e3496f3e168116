"""The lab stacks' programs.

Their configuration is declared in Pulumi.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from sophia_lab.resources import Bucket, Database, Distribution, Metrics, Service

__all__ = ["PROGRAMS"]

_LEDGER = {
    "balances": {"id": "INTEGER PRIMARY KEY", "resident": "TEXT", "unit": "TEXT", "cents": "INTEGER"},
    "payments": {"id": "INTEGER PRIMARY KEY", "balance": "INTEGER", "cents": "INTEGER", "received_at": "TEXT"},
}
_CONTACTS = {"contacts": {"id": "INTEGER PRIMARY KEY", "resident": "TEXT", "channel": "TEXT", "at": "TEXT"}}
_THREADS = {"threads": {"id": "TEXT PRIMARY KEY", "person": "TEXT", "state": "TEXT"}}


class _Site:
    """Declares resources of one stack with its configuration."""

    def __init__(self, root: str, stack: str, replicas: int) -> None:
        config = pulumi.Config()
        self.place = {"root": root, "stack": stack}
        self.version = config.require("version")
        self.replicas = config.get_int("instance_count") or replicas
        self.warmup = config.get_int("warmup") or 0
        self.columns = [name.strip() for name in (config.get("ledger_columns") or "").split(",") if name.strip()]
        self.services: dict[str, pulumi.Output[str]] = {}

    def service(self, name: str, *needs: pulumi.Resource) -> Service:
        props = {**self.place, "version": self.version, "replicas": self.replicas, "warmup": self.warmup}
        service = Service(name, props, pulumi.ResourceOptions(depends_on=list(needs)))
        self.services[name] = service.url
        return service

    def database(self, name: str, tables: Mapping[str, Mapping[str, str]]) -> Database:
        wanted = {table: dict(columns) for table, columns in tables.items()}
        if "balances" in wanted:
            wanted["balances"] |= dict.fromkeys(self.columns, "TEXT")
        return Database(name, {**self.place, "tables": wanted})

    def bucket(self, name: str, *, versioned: bool = True) -> Bucket:
        return Bucket(name, {**self.place, "versioned": versioned, "public": False, "force_destroy": True})

    def metrics(self, name: str) -> Metrics:
        return Metrics(name, {**self.place, "interval": 60})

    def distribution(self, name: str) -> Distribution:
        return Distribution(name, {**self.place, "edges": ["ams", "dfw", "fra", "iad", "sin", "syd"]})

    def export(self, main: Service, **more: Any) -> None:
        pulumi.export("url", main.url)
        pulumi.export("api_url", main.url)
        pulumi.export("health", {name: url.apply(lambda base: f"{base}/health") for name, url in self.services.items()})
        pulumi.export("version", self.version)
        pulumi.export("instance_count", self.replicas)
        for name, value in more.items():
            pulumi.export(name, value)


def development(root: str) -> None:
    """Three services on a ledger, a bucket for statements, and two resources that churn."""
    site = _Site(root, "development", replicas=1)
    ledger = site.database("ledger", _LEDGER)
    statements = site.bucket("statements")
    api = site.service("api", ledger)
    site.service("worker", ledger, statements)
    site.service("web", api)
    site.metrics("traffic")
    site.distribution("edge")
    site.export(api, database=ledger.path, bucket=statements.path)


def production(root: str) -> None:
    """Five services, two databases, two buckets, and two resources that churn."""
    site = _Site(root, "production", replicas=2)
    ledger = site.database("ledger", _LEDGER)
    contacts = site.database("contacts", _CONTACTS)
    statements, recordings = site.bucket("statements"), site.bucket("recordings")
    api = site.service("api", ledger, contacts)
    site.service("worker", ledger, statements)
    site.service("scheduler", contacts)
    site.service("payments", ledger)
    site.service("web", api)
    site.metrics("traffic")
    site.distribution("edge")
    site.export(api, database=ledger.path, contacts=contacts.path, bucket=statements.path, recordings=recordings.path)


def sophia_production(root: str) -> None:
    """Sophia's own service and its store."""
    site = _Site(root, "sophia-production", replicas=1)
    threads = site.database("threads", _THREADS)
    reports = site.bucket("reports")
    sophia = site.service("sophia", threads, reports)
    site.service("sweeper", threads)
    site.metrics("turns")
    site.export(sophia, database=threads.path, bucket=reports.path)


def sophia_ai_modernized(root: str) -> None:
    """The gateway and the agents that are to replace sophia-production."""
    site = _Site(root, "sophia-ai-modernized", replicas=1)
    threads = site.database("threads", _THREADS)
    gateway = site.service("gateway", threads)
    site.service("agents", gateway, threads)
    site.metrics("turns")
    site.export(gateway, database=threads.path)


PROGRAMS: Mapping[str, Callable[[str], None]] = {
    "development": development,
    "production": production,
    "sophia-production": sophia_production,
    "sophia-ai-modernized": sophia_ai_modernized,
}
"""By the name that a declaration writes after `lab:`."""
