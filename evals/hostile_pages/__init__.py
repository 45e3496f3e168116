"""The suite `hostile_pages`: servers and pages that mean harm, each in a sweep beside pages that mean none."""
