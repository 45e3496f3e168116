"""Slack as a surface: what comes in is verified, kept once and worked on; what is shown follows from what is stored."""
