"""What people read of an evaluation: a page with charts, the worst cases, and a page for each case."""

from evals.reporting.pages import write_report

__all__ = ["write_report"]
