"""Where this machine has a Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from agent.settings import Settings

__all__ = ["browser_path"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def browser_path(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The one that the configuration names, else the first on PATH; None when there is none."""
    path, named = environ.get("PATH"), settings.network.browser
    if named:
        return shutil.which(named, path=path)
    return next(filter(None, (shutil.which(name, path=path) for name in _NAMES)), None)
