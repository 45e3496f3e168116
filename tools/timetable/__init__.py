"""When something happens again: rules of recurrence with time zones, and reading them from words."""
