"""What can go wrong with a store, each in a sentence that says what was tried, what did not happen and what to do."""

from __future__ import annotations

__all__ = [
    "AlreadyDecided",
    "AlreadyDone",
    "ApprovalUnusable",
    "BackupUnusable",
    "DatabaseBroken",
    "DatabaseBusy",
    "DatabaseNotMigrated",
    "DatabaseTooNew",
    "DatabaseUnreachable",
    "Expired",
    "GrantUnusable",
    "InFlight",
    "IndexBroken",
    "NotFound",
    "OtherAudience",
    "PermitRefused",
    "RecordError",
    "Refused",
    "SamePerson",
    "StorageFull",
    "StorageReadOnly",
    "StoreError",
    "WrongEpoch",
]


class StoreError(Exception):
    """The database, its disk or its server needs an operator. Nothing of the transaction was kept."""

    def __init__(self, tried: str, *, not_done: str = "Nothing of it was stored.", to_do: str = "") -> None:
        super().__init__(tried)
        self.tried = tried
        self.not_done = not_done
        self.to_do = to_do

    def __str__(self) -> str:
        return " ".join(part for part in (self.tried, self.not_done, self.to_do) if part)


class StorageFull(StoreError):
    """The disk, or the quota, has no room."""


class StorageReadOnly(StoreError):
    """The file, its folder or the server takes no writes."""


class DatabaseTooNew(StoreError):
    """The database was written by a newer version of this program."""


class DatabaseNotMigrated(StoreError):
    """The database is older than the code, or empty, and was opened without permission to migrate it."""


class DatabaseBusy(StoreError):
    """Another process held the database for longer than we wait."""


class DatabaseBroken(StoreError):
    """The file isn't a database, or it is damaged."""


class DatabaseUnreachable(StoreError):
    """The server doesn't answer or doesn't let us in; the file's folder doesn't exist."""


class IndexBroken(StoreError):
    """The search index can't be reached or read, or has lost what it should hold. The database has all that it had."""


class BackupUnusable(StoreError):
    """An archive that can't be restored here."""


class RecordError(Exception):
    """A store was asked for something that its records don't allow."""


class NotFound(RecordError, LookupError):
    """No record has this id."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"There is no {what} {key!r}.")
        self.what = what
        self.key = key


class OtherAudience(RecordError):
    """The conversation's answers are for somebody else."""

    def __init__(self, thread: str) -> None:
        super().__init__(f"The conversation {thread} belongs to another audience.")
        self.thread = thread


class AlreadyDecided(RecordError):
    """The approval no longer waits."""


class Expired(RecordError):
    """The approval's time is over."""


class SamePerson(RecordError):
    """This person has voted already, and a second vote must be somebody else's."""


class Refused(RecordError):
    """No permit is minted: what should cover the effect doesn't."""


class ApprovalUnusable(Refused):
    """The approval isn't approved, was used, has expired, or is for something else."""


class GrantUnusable(Refused):
    """The grant is revoked, has expired, is used up for now, or is for something else."""


class AlreadyDone(Refused):
    """The effect with this key has happened."""

    def __init__(self, message: str, effect: object) -> None:
        super().__init__(message)
        self.effect = effect


class InFlight(Refused):
    """The effect with this key was begun and nobody knows how it ended: reconcile it first."""

    def __init__(self, message: str, effect: object) -> None:
        super().__init__(message)
        self.effect = effect


class PermitRefused(PermissionError):
    """The permit can't be redeemed: unknown, for another tool, used, or replaced."""


class WrongEpoch(PermitRefused):
    """The permit was minted before a restore from backup; what it was for must be reconciled."""
