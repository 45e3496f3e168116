"""`python -m agent` is `sophia`."""

from __future__ import annotations

from agent.terminal.app import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
