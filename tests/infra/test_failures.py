"""What a failure of the engine is told as."""

from __future__ import annotations

import pytest

from infra.engine.failures import failure_of

ENDED = ("error", "an unhandled error occurred: program exited with non-zero exit code: 1")


@pytest.mark.parametrize(
    "said,why,to_do",
    [
        ([("info#err", "no room in hall 7"), ENDED], "no room in hall 7", "Ask `diagnose zoo`."),
        ([("info", "begins"), ("info", "no tfvars here"), ENDED], "no tfvars here", "Ask `diagnose zoo`."),
        (
            [("info#err", "panic: index out of range [3]"), ("info#err", "goroutine 1:\nmain.main()"), ENDED],
            "panic: index out of range [3]",
            "Ask `diagnose zoo`.",
        ),
        ([ENDED], "the program ended by itself and printed nothing that says why", "Ask `diagnose zoo`."),
        ([("error", "Traceback (most recent call last):\n  x = 1\nMemoryError")], "MemoryError", "Ask `diagnose zoo`."),
        (
            [
                ("error", "  + Exception Group Traceback (most recent call last):\n  |   File 'zoo.py', line 2"),
                ("error", "  | ExceptionGroup: many (1 in it)\n    | KeyError: 'vpc'"),
            ],
            "ExceptionGroup: many (1 in it); KeyError: 'vpc'",
            "Ask `diagnose zoo`.",
        ),
        (
            [("error", "Missing required configuration variable 'zoo:db'\n\tplease set a value")],
            "Missing required configuration variable 'zoo:db'",
            (
                "The program needs the configuration key zoo:db, which isn't set. Set it, then: preview zoo; "
                "`diagnose zoo` shows the evidence."
            ),
        ),
        (
            [("error", "operation error EC2: RunInstances, ThrottlingException: slow down")],
            "operation error EC2: RunInstances, ThrottlingException: slow down",
            (
                "A limit of the provider was reached. Raise the limit or free something, then: deploy zoo; "
                "`diagnose zoo` shows the evidence."
            ),
        ),
    ],
)
def test_why_something_failed_is_told_once_with_what_to_do(said: list[tuple[str, str]], why: str, to_do: str) -> None:
    result = {"diagnostics": [{"severity": severity, "message": message, "urn": ""} for severity, message in said]}
    failure = failure_of("zoo", {"kind": "CommandError", "message": "code: 255\n"}, result, [])
    assert (failure.tried, failure.why, failure.to_do) == (f"The engine failed on zoo: {why}", why, to_do)


def test_who_holds_a_lock_is_named_once_however_often_the_command_line_says_it() -> None:
    said = "the stack is currently locked by 1 lock(s)\n  file:///x.json: created by ann@hall (pid 7) at 2026-11-28"
    error = failure_of("zoo", {"kind": "ConcurrentUpdateError", "message": said}, {"diagnostics": [
        {"severity": "error", "message": said}
    ]}, [])  # fmt: skip
    assert str(error).startswith("Somebody else is deploying zoo right now (ann@hall, process 7).")
