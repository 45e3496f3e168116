"""The clock as a surface: stored requests that are made again when their time comes, with their owner's powers."""
