"""Known failures: how each shows in what the engine and its providers write, what it means, and the next command."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["PATTERNS", "Pattern"]


@dataclass(frozen=True)
class Pattern:
    """One class of failure."""

    kind: str
    shows: re.Pattern[str]
    cause: str
    """`{0}`, `{1}` … are the groups of what was found."""
    todo: str
    """`{stack}` is the stack's name."""
    weight: int = 50
    """Higher is nearer to a root cause; what merely follows from something else is low."""


def _known(kind: str, shows: str, cause: str, todo: str, weight: int = 50) -> Pattern:
    return Pattern(kind, re.compile(shows, re.IGNORECASE), cause, todo, weight)


PATTERNS: tuple[Pattern, ...] = (
    _known(
        "lock held",
        r"currently locked by|\[409\] Conflict: Another update",
        "Another run holds the stack's lock.",
        "unlock {stack}",
        90,
    ),
    _known(
        "wrong passphrase",
        r"incorrect passphrase|passphrase must be set|error decrypting|constructing secrets manager|"
        r"can't be read with the passphrase",
        "The passphrase that is configured isn't the one that the stack's secrets were encrypted with.",
        "set the variable that the declaration's passphrase_env names, then: preview {stack}",
        95,
    ),
    _known(
        "program error",
        r'File "([^"]+\.py)", line (\d+)',
        "The program fails at {0}, line {1}.",
        "mend the program there, then: preview {stack}",
        65,
    ),
    _known(
        "import failed",
        r"ModuleNotFoundError: No module named '([^']+)'|ImportError: (.+)",
        "The program needs the module {0}, which its environment doesn't have.",
        "install it in the project's virtual environment, then: preview {stack}",
        92,
    ),
    _known(
        "syntax error",
        r"(SyntaxError|IndentationError): (.+)",
        "The program isn't valid Python: {1}.",
        "mend the program, then: preview {stack}",
        91,
    ),
    _known(
        "missing configuration",
        r"[Mm]issing required configuration variable '([^']+)'|missing configuration value '([^']+)'",
        "The program needs the configuration key {0}, which isn't set.",
        "set it, then: preview {stack}",
        93,
    ),
    _known(
        "wrong configuration type",
        r"configuration (?:value|key) '([^']+)'.*(?:type|must be)|with configuration key '([^']+)' must be|"
        r"Configuration '([^']+)' value .* is not a valid",
        "The configuration key {0} has a value of the wrong type.",
        "set it to a fitting value, then: preview {stack}",
        93,
    ),
    _known(
        "credentials expired",
        r"ExpiredToken|token (?:has |is )?expired|credentials? (?:have |has )?expired|RequestExpired|InvalidGrant",
        "The credentials have expired.",
        "renew them, then: preview {stack}",
        90,
    ),
    _known(
        "no credentials",
        r"no valid credential|Unable to locate credentials|could not find default credentials|InvalidClientTokenId",
        "The provider has no usable credentials.",
        "give the child its credentials, then: preview {stack}",
        90,
    ),
    _known(
        "permission denied",
        r"AccessDenied|UnauthorizedOperation|is not authorized to perform|403 Forbidden|PermissionError: (.+)|"
        r"permission[ _]denied",
        "The credentials don't allow the operation.",
        "have the permission given, then: preview {stack}",
        85,
    ),
    _known(
        "quota",
        r"quota|LimitExceeded|limit (?:has been )?exceeded|TooManyRequests|Throttling",
        "A limit of the provider was reached.",
        "raise the limit or free something, then: deploy {stack}",
        80,
    ),
    _known(
        "already exists",
        r"AlreadyExists|already exists|EntityAlreadyExists|Conflict.*exists",
        "Something of that name exists already and isn't in the state.",
        "import it or delete it there, then: deploy {stack}",
        80,
    ),
    _known(
        "in the way",
        r"(?:NotADirectoryError|FileExistsError|IsADirectoryError): .*?'([^']+)'",
        "Something else on the disk is in the way of {0}.",
        "move it away, then: deploy {stack}",
        85,
    ),
    _known(
        "not empty",
        r"BucketNotEmpty: (\S+) holds (\d+) objects|not empty|DependencyViolation|still has dependent",
        "What was to be deleted still holds or serves something.",
        "empty it, then try again",
        80,
    ),
    _known(
        "timed out",
        r"timed? ?out|deadline exceeded|didn't (?:start|end|answer) (?:with)?in (?:time|\d+)",
        "Something took longer than it may.",
        "check the health of {stack}",
        70,
    ),
    _known(
        "port or address in use",
        r"address already in use|port is already allocated|EADDRINUSE",
        "A port that is needed is taken by something else.",
        "free the port, then: deploy {stack}",
        85,
    ),
    _known(
        "disk full",
        r"No space left on device|ENOSPC|disk (?:is )?full|Disk quota exceeded",
        "The disk is full.",
        "free space, then: deploy {stack}",
        95,
    ),
    _known(
        "backend unreachable",
        r"could not (?:reach|connect to) .*backend|unable to (?:open|read) bucket|failed to load (?:checkpoint|stack)|"
        r"no such (?:file or directory|bucket).*\.pulumi|read \"\.pulumi/[^\"]*\": blob",
        "The state backend can't be reached.",
        "bring it back, then: preview {stack}",
        88,
    ),
    _known(
        "no connection",
        r"connection refused|no such host|network is unreachable|Temporary failure in name resolution|TLS handshake",
        "A service that the run needs can't be reached.",
        "check the network and that service, then: preview {stack}",
        82,
    ),
    _known(
        "provider missing",
        r"no resource plugin '([^']+)'|could not (?:load|find) plugin|plugin .* not found|"
        r"could not find latest version for provider ([\w-]+)|failed to install provider plugin",
        "A provider plugin isn't installed: {0}.",
        "install it with `pulumi plugin install`, then: preview {stack}",
        90,
    ),
    _known(
        "language host missing",
        r"host for that language isn't installed.*`(pulumi-language-\w+)`",
        "Pulumi's host for the program's language isn't installed: {0}.",
        "install it beside the Pulumi CLI or on PATH, then: preview {stack}",
        90,
    ),
    _known(
        "project broken",
        r"(\S+\.ya?ml) isn't valid YAML|(\S+\.ya?ml) names no (?:project|runtime)|(\S+) is no Pulumi project",
        "The project's own files don't fit: {0}.",
        "mend it, then: preview {stack}",
        90,
    ),
    _known(
        "declared twice",
        r"Duplicate resource URN '(?:[^']*::)?([^']+)'",
        "The program declares {0} twice under one name.",
        "give one of them another name, then: preview {stack}",
        90,
    ),
    _known(
        "resource protected",
        r'resource "[^"]+" cannot be deleted|because it is protected|currently marked for protection',
        "What would be deleted is protected by the program.",
        "take the protection off in the program if that is meant, then: preview {stack}",
        85,
    ),
    _known(
        "plan violated",
        r"violates plan|resource urn:\S+ violates",
        "The engine was kept from doing more than was approved.",
        "preview {stack}",
        85,
    ),
    _known(
        "state corrupted",
        r"can't be read: |unexpected end of JSON|invalid character .* looking for|could not deserialize deployment|"
        r"snapshot integrity|failed to verify",
        "The state file is damaged.",
        "bring back a checkpoint or a backup of the state; then: preview {stack}",
        95,
    ),
    _known(
        "state of a newer version",
        r"newer version of Pulumi|unsupported (?:checkpoint|schema|deployment) version|stack's deployment is version",
        "The state was written by a newer Pulumi.",
        "use a newer command line",
        95,
    ),
    _known(
        "state of another stack",
        r"belongs to another stack: it is that of (\S+) in (\S+)\.",
        "The state file is that of {0} in {1}.",
        "bring back the stack's own state, or mend its project or backend in sophia.toml; then: preview {stack}",
        95,
    ),
    _known(
        "provider died",
        r"error reading from server: EOF|transport is closing|provider .* (?:crashed|exited)|code = Unavailable",
        "The provider's process ended in the middle of an operation.",
        "deploy {stack}",
        75,
    ),
    _known(
        "killed",
        r"code: -(?:9|15)\b|ended unexpectedly \(status -",
        "The run was killed from outside.",
        "deploy {stack}",
        85,
    ),
    _known(
        "cancelled",
        r"update (?:was )?cancell?ed|operation cancell?ed",
        "The run was stopped on request.",
        "deploy {stack}",
        60,
    ),
    _known(
        "self-test failed",
        r"self-test of release (\S+) failed: ([^;\"}]+)",
        "Release {0} fails its self-test: {1}.",
        "set version to a release that works, then: deploy {stack}",
        90,
    ),
    _known(
        "service down",
        r"FAILED, (?:\S+ )?refuses connections",
        "A service doesn't accept connections: it isn't running.",
        "check {stack} for drift, then: repair {stack}",
        78,
    ),
    _known(
        "wrong version runs",
        r"(\w+) is (\S+) and should be ([^;\s]+)",
        "What runs isn't what was deployed: {0} is {1} and should be {2}.",
        "check {stack} for drift, then: repair {stack}",
        77,
    ),
    _known(
        "unhealthy",
        r"FAILED, (?:\S+ )?answered status (\d+)",
        "A health check answers {0}.",
        "check the health of {stack}",
        40,
    ),
)
