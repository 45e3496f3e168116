"""What the agent can do: one file a tool family, each tool a typed function with a declared effect."""
