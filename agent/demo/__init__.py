"""`sophia demo`: the whole story on real parts, told by the same requests, cards and reports as a person's own."""
