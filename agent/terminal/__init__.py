"""The terminal: commands, conversation, rendering."""
