"""The suite `requests`: what is planned for what people write, and what is planned that nobody asked for."""
