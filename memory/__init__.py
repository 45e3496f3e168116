"""What is remembered: turns, page versions, changes, facts, approvals, the effects ledger, the audit log."""
