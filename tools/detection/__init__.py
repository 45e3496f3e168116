"""Change detection: pages to blocks, blocks to changes, changes to facts. Pure; no I/O but the extraction processes."""
