"""A cause is said when a line says that it is so, and not when the line only has its words in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.diagnosis import Diagnosis
from infra.lab import lab_declarations
from infra.runs import Runs
from infra.stacks import Stacks
from tools.web.probe import HttpxProbe

STACK = "development"


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class NoDesk:
    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        raise PermissionError(permit_id)


async def diagnosed(tmp_path, *lines: str) -> Diagnosis:
    """What is said of a failed preview of which these lines are kept."""
    clock = SystemClock()
    Runs(tmp_path / "infra").note_failure(STACK, "stack_preview", "It failed.", lines, clock.now())
    stacks = Stacks(
        declarations=lab_declarations(), home=tmp_path, environ={}, clock=clock, permits=NoDesk(), probe=HttpxProbe()
    )
    try:
        return await stacks.diagnose(STACK)
    finally:
        await stacks.aclose()


@pytest.mark.parametrize(
    "kind, line",
    [
        ("quota", "googleapi: Error 403: Quota 'CPUS' exceeded. Limit: 24.0 in region us-central1., quotaExceeded"),
        ("quota", "API rate limit exceeded for user ID 5"),
        ("quota", "Operation results in exceeding quota limits of Core. Maximum allowed: 4"),
        ("already exists", 'ERROR: relation "balances" already exists'),
        ("already exists", "InvalidGroup.Duplicate: The security group 'web' already exists for VPC 'vpc-1'"),
        ("timed out", "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"),
        ("timed out", "Read timed out. (read timeout=10)"),
        ("permission denied", "AuthorizationFailed: The client does not have authorization to perform action"),
        ("permission denied", "googleapi: Error 403: Required 'compute.instances.create' permission, forbidden"),
        ("file not allowed", "PermissionError: [Errno 13] Permission denied: '/etc/shadow'"),
        ("credentials expired", "oauth2: token expired and refresh token is not set"),
        ("not empty", "The bucket you tried to delete is not empty"),
        ("no connection", 'error: "dial tcp 127.0.0.1:5432: connect: connection refused"'),
        ("disk full", 'could not extend file "base/1/2": No space left on device'),
        ("module hidden", "ModuleNotFoundError: No module named 'json.decoder'; 'json' is not a package"),
        ("killed", "code: -9"),
        ("cancelled", "error: update canceled"),
    ],
)
async def test_what_a_line_states_is_said_with_the_line(tmp_path, kind: str, line: str) -> None:
    found = await diagnosed(tmp_path, line)
    assert [cause.kind for cause in found.causes] == [kind]
    assert found.causes[0].evidence[0].text == line


@pytest.mark.parametrize(
    "line",
    [
        "ValueError has risen: the field quota is required when plan is basic",
        "policy 'deny-if-quota-exceeded' has an unknown action",
        "rule 'alert on connection refused' has no severity",
        "if the limit is exceeded the plan must be changed: plan 'basic' is unknown",
        "name must not be one that already exists in the legacy system",
        "retry policy “timed out” has no delay",
        "alarm 'timed-out-jobs' refers to a metric that is unknown",
        "template permission_denied.html has no title",
        "helm release web failed: exit code: -9 is not in 0..255",
        "subscription stopped: operation cancelled by billing of account 7",
        "plugin auth_socket not found in mysql",
        "listener port is 80 and should be 443",
        "tls: failed to verify certificate",
        "cannot decrypt: error decrypting data key of volume 7",
    ],
)
async def test_what_a_line_only_mentions_is_no_cause(tmp_path, line: str) -> None:
    found = await diagnosed(tmp_path, line)
    assert found.causes == ()
    assert found.collect


async def test_where_a_program_fails_is_said_with_what_was_raised(tmp_path) -> None:
    found = await diagnosed(
        tmp_path,
        "Traceback (most recent call last):",
        '  File "/work/shop/__main__.py", line 9, in <module>',
        "    price(SIZES['huge'])",
        "KeyError: 'huge'",
    )
    (cause,) = found.causes
    assert cause.sentence == "The program fails at /work/shop/__main__.py, line 9: KeyError: 'huge'."
    assert [item.line for item in cause.evidence] == [2, 4]


async def test_where_only_a_library_is_in_the_trace_the_program_s_own_line_isn_t_claimed(tmp_path) -> None:
    found = await diagnosed(
        tmp_path, '  File "/v/lib/python3.11/site-packages/pulumi/x.py", line 5, in f', "TypeError: not so"
    )
    assert found.causes[0].sentence.startswith("A library that the program uses fails at /v/lib/")
