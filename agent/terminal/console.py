"""The one console: whatever text comes to it is text, wherever it stands, and never markup or a control sequence."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from agent.untrusted_text import visible

__all__ = ["PlainConsole"]


class PlainConsole(Console):
    """Rich's console for strings that others wrote: those that stand in the cells of a table as well.

    Style comes as `Text` and by argument; `[…]` and `:name:` in a string are what they look like.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as text, with what hides or deceives written out."""
        shown = "\n".join(map(visible, text.split("\n")))
        return super().render_str(shown, **(options | {"markup": False, "emoji": False}))
