"""The suite `diagnosis`: failures that are really provoked, and what is said of each."""
