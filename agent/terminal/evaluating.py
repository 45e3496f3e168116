"""`sophia eval`: run evaluation suites. They are loaded only when somebody asks for them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["evaluate"]


async def evaluate(suites: list[str], cases: Path | None, baseline: Path | None, as_json: bool) -> int:
    """Run the suites, print what came of them, and give the exit status."""
    from evals.harness import evaluate as run

    return await run(suites, cases=cases, baseline=baseline, as_json=as_json)
