"""Known failures: how each shows in what the engine and its providers write, what it means, and the next command.

A message of the engine's own, or an error's code, shows its failure wherever it stands. Words that people use as well
show it only where they say that something is so: a rule named “disk full” says nothing of a disk.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from infra.statements import states

__all__ = ["PATTERNS", "Pattern"]


@dataclass(frozen=True)
class Pattern:
    """One class of failure."""

    kind: str
    shows: re.Pattern[str] | None
    """Messages and codes."""
    says: re.Pattern[str] | None
    """Words, which must state it."""
    cause: str
    """`{0}`, `{1}` … are the groups of what was found."""
    todo: str
    """`{stack}` is the stack's name."""
    weight: int = 50
    """Higher is nearer to a root cause; what merely follows from something else is low."""
    source: str = ""
    """The only source of lines that it is looked for in; empty: all."""

    def groups(self, line: str, source: str) -> Sequence[str | None] | None:
        """The groups of what shows the failure in a line; None when the line doesn't."""
        if self.source and source != self.source:
            return None
        if self.shows and (hit := self.shows.search(line)):
            return hit.groups()
        for hit in self.says.finditer(line) if self.says else ():
            if states(line, hit.start(), hit.end()):
                return hit.groups()
        return None

    def filled(self, groups: Sequence[str | None]) -> str:
        """The cause, with what was found."""
        given = [group for group in groups if group is not None] or [""]
        return self.cause.format(*given, *[""] * 3)


def _known(
    kind: str, shows: str, cause: str, todo: str, weight: int = 50, *, says: str = "", source: str = ""
) -> Pattern:
    codes = re.compile(shows, re.IGNORECASE) if shows else None
    words = re.compile(says, re.IGNORECASE) if says else None
    return Pattern(kind, codes, words, cause, todo, weight, source)


PATTERNS: tuple[Pattern, ...] = (
    _known(
        "lock held",
        r"currently locked by|\[409\] Conflict: Another update",
        "Another run holds the stack's lock.",
        "unlock {stack}",
        90,
    ),
    _known(
        "lock cut short",
        r"can't be read: it is what is left of a lock",
        "A lock wasn't written to its end, as when the disk of the backend was full, and no run can take it now.",
        "deploy {stack}, which takes away what is left of it",
        94,
        source="lock",
    ),
    _known(
        "wrong passphrase",
        r"incorrect passphrase|passphrase must be set|constructing secrets manager.*passphrase|"
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
        r"ModuleNotFoundError: No module named '([^']+)'(?!; )",
        "The program needs the module {0}, which its environment doesn't have.",
        "install it in the project's virtual environment, then: preview {stack}",
        92,
    ),
    _known(
        "import failed",
        r"\bImportError: (.+)",
        "An import of the program fails: {0}.",
        "mend that import, then: preview {stack}",
        92,
    ),
    _known(
        "module hidden",
        r"ModuleNotFoundError: No module named '([^']+)'; '([^']+)' is not a package",
        "Something else that is called {1} hides the package {1}, so that {0} isn't found.",
        "give the program's own file of that name another one, then: preview {stack}",
        93,
    ),
    _known(
        "syntax error",
        r"(SyntaxError|IndentationError|TabError): (.+)",
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
        r"ExpiredToken|TokenExpired|RequestExpired|InvalidGrant|invalid_grant",
        "The credentials have expired.",
        "renew them, then: preview {stack}",
        90,
        says=r"(?:token|credentials?|session) (?:\w+ ){0,5}?(?:has|have|is|are|was|were|had) (?:already )?expired|"
        r"expired (?:access |refresh |security |session )?(?:token|credentials?)|"
        r"token expired(?=\W*$|[.,;:]| at | on | and )",
    ),
    _known(
        "no credentials",
        r"InvalidClientTokenId|NoCredentialProviders",
        "The provider has no usable credentials.",
        "give the child its credentials, then: preview {stack}",
        90,
        says=r"no valid credentials?|unable to locate credentials|could not find default credentials",
    ),
    _known(
        "file not allowed",
        r"PermissionError: (?:\[Errno \d+\] [^:]+: )?'([^']+)'",
        "The permissions of {0} on this machine don't allow what the run does with it.",
        "have them changed, then: preview {stack}",
        86,
    ),
    _known(
        "permission denied",
        r"AccessDenied|UnauthorizedOperation|is not authorized to perform|403 Forbidden|PERMISSION_DENIED:",
        "The credentials don't allow the operation.",
        "have the permission given, then: preview {stack}",
        85,
        says=r"(?<!\] )permission[ _]denied|(?:does not|doesn't) have (?:\w+ )?(?:authorization|permission)|"
        r"(?<=Error 403: )Required '[\w.]+' permission",
    ),
    _known(
        "quota",
        r"QuotaExceeded|LimitExceeded|TooManyRequests|ThrottlingException|ThrottledException|RESOURCE_EXHAUSTED",
        "A limit of the provider was reached.",
        "raise the limit or free something, then: deploy {stack}",
        80,
        says=r"quotas? (?:\S+ ){0,6}?(?:exceeded|reached|exhausted|used up)|exceed(?:s|ed|ing) (?:\S+ ){0,8}?quota|"
        r"(?:out of|over|insufficient|not enough) (?:\S+ ){0,3}?quota|rate exceeded|too many requests|"
        r"limit (?:\S+ ){0,4}?(?:has been |was |is )?(?:exceeded|reached)|request was throttled",
    ),
    _known(
        "already exists",
        r"AlreadyExists|ALREADY_EXISTS|error 409: .*exists",
        "Something of that name exists already and isn't in the state.",
        "import it or delete it there, then: deploy {stack}",
        80,
        says=r"already exists",
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
        r"BucketNotEmpty|DependencyViolation|Errno 39\]|ResourceInUse",
        "What was to be deleted still holds or serves something.",
        "empty it, then try again",
        80,
        says=r"(?:is|are|was|were) (?:still )?not empty|directory not empty|still has dependent",
    ),
    _known(
        "timed out",
        r"Timed?out(?:Error|Exception|Expired)\b|\b(?:Connect|Read|Pool)Timeout\b|ETIMEDOUT|i/o timeout|"
        r"DeadlineExceeded|DEADLINE_EXCEEDED|"
        r"didn't (?:start|end|answer) (?:with)?in (?:time|\d+)",
        "Something took longer than it may.",
        "check the health of {stack}",
        70,
        says=r"timed out|deadline exceeded|timeout (?:while|waiting|exceeded|expired|reached|after)|"
        r"(?:gateway|request|read|connect|handshake) timeout",
    ),
    _known(
        "port or address in use",
        r"EADDRINUSE|Errno 98\]",
        "A port that is needed is taken by something else.",
        "free the port, then: deploy {stack}",
        85,
        says=r"address already in use|port is already allocated",
    ),
    _known(
        "disk full",
        r"ENOSPC|Errno 28\]",
        "The disk is full.",
        "free space, then: deploy {stack}",
        95,
        says=r"no space left on device|disk (?:is )?full|disk quota exceeded",
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
        r"ECONNREFUSED|Errno 111\]|Errno -[235]\]",
        "A service that the run needs can't be reached.",
        "check the network and that service, then: preview {stack}",
        82,
        says=r"connection refused|no such host|network is unreachable|temporary failure in name resolution|"
        r"TLS handshake (?:timeout|error|failure)",
    ),
    _known(
        "provider missing",
        r"no resource plugin '([^']+)'|could not (?:load|find) (?:resource |provider )?plugin|"
        r"could not find latest version for provider ([\w-]+)|failed to install provider plugin",
        "A provider plugin isn't installed: {0}.",
        "install it with `pulumi plugin install`, then: preview {stack}",
        90,
    ),
    _known(
        "wrong command line",
        r"Pulumi CLI version (\S+) does not satisfy the version range [\\\"']*([^\\\"']+)",
        "The project asks for another version of Pulumi's command line: {1}, and {0} is here.",
        "use that version, or change requiredPulumiVersion in Pulumi.yaml, then: preview {stack}",
        92,
    ),
    _known(
        "referenced stack missing",
        r"unknown stack \W*([\w./-]+)",
        "The program refers to the stack {0}, which its backend doesn't know.",
        "deploy that stack or mend its name in the program, then: preview {stack}",
        88,
    ),
    _known(
        "value refused",
        r"resource '([^']+)'(?:: property (\S+) value .*?)? has a problem: (.+)",
        "The provider refuses what the program declares for {0}: {1} {2}",
        "mend it in the program, then: preview {stack}",
        88,
    ),
    _known(
        "value refused",
        r"unexpected input of type (\S+) for (\S+) in (\S+)",
        "The program gives {1} of {2} a value of type {0}, which no provider can be sent.",
        "mend it in the program, then: preview {stack}",
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
        r"(\S+\.ya?ml) isn't valid YAML|(\S+\.ya?ml) names no (?:project|runtime)|(\S+) is no Pulumi project|"
        r"project 'main' could not be read: stat ([^:]+)",
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
        r"The state of \S+ (?:can't be read: |is gone, )|could not deserialize deployment|snapshot integrity|"
        r"(?:checkpoint|deployment|snapshot|stack).*(?:unexpected end of JSON|invalid character .* looking for)|"
        r"failed to verify (?:the )?(?:snapshot|checkpoint|state)",
        "The state file is damaged or gone.",
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
        r"error reading from server: EOF|transport is closing|provider process \S+ (?:crashed|exited)|"
        r"code = Unavailable desc = (?:error reading|connection error|transport)",
        "The provider's process ended in the middle of an operation.",
        "deploy {stack}",
        75,
    ),
    _known(
        "killed",
        r"^\s*code: -(?:9|15)\s*$|^The engine for \S+ ended unexpectedly \(status -",
        "The run was killed from outside.",
        "deploy {stack}",
        85,
    ),
    _known(
        "cancelled",
        r"(?:^|error: )(?:the )?(?:update|preview|destroy|refresh|operation|execution) (?:was |has been )?"
        r"cancell?ed\W*$",
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
        source="health check",
    ),
    _known(
        "wrong version runs",
        r"(\w+) is (\S+) and should be ([^;\s]+)",
        "What runs isn't what was deployed: {0} is {1} and should be {2}.",
        "check {stack} for drift, then: repair {stack}",
        77,
        source="health check",
    ),
    _known(
        "unhealthy",
        r"FAILED, (?:\S+ )?answered status (\d+)",
        "A health check answers {0}.",
        "check the health of {stack}",
        40,
        source="health check",
    ),
)
