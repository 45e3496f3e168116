"""Sophia is killed wherever a killing could matter, started again, and what happened is counted from outside."""
