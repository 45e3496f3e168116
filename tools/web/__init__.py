"""The HTTP door: the only place from which anything is fetched."""
