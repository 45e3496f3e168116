"""Whole conversations: what people say, approve, refuse and change their minds about, and what comes of it."""
