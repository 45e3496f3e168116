"""The suite `importance`: which changes are to be told at once, as two people say who labelled them by a rubric."""
