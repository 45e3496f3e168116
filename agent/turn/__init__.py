"""One turn: the machine that carries a request from its words to a verified, reported end."""
