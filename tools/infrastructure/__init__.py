"""What the stack tools share: how they say what goes wrong, what would change, and what was changed."""
