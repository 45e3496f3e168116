"""The machinery of the competitor tools: who is watched, how a sweep goes, how a question is answered."""
