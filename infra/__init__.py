"""Pulumi: the only place that knows stacks, checkpoints, drift, lab programs and policy packs."""
