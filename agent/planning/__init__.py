"""Planning: from a request and what was said before to a plan, a question, or a refusal."""
