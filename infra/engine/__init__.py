"""The engine: a child process of ours in which Pulumi's Automation API runs, and the client that speaks to it.

The child has its own process group, gets its whole environment from us, and ends when we end. Only the child imports
Pulumi.
"""
