"""The conversation: planning, guard, approvals, execution, reporting, and the surfaces that feed it."""
