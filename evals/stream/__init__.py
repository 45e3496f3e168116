"""The suite `stream`: what a sweep sees of a page over weeks, and when it gives an alert."""
