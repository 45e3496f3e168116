"""The suite `pages`: pairs of captures, told to be changes or noise."""
