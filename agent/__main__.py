"""`python -m agent` is `sophia`."""

from __future__ import annotations

import gc

__all__ = ["main"]

WHILE_STARTING = 500_000
"""New objects between two collections. What is imported stays; looking through it takes a sixth of a cold start."""


def main() -> None:
    """The `sophia` command."""
    gc.set_threshold(WHILE_STARTING)
    from agent.terminal.app import main as run

    run()


if __name__ == "__main__":
    main()
