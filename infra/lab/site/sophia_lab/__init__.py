"""The lab: resources that are really there on this machine, for Pulumi programs to manage.

This package has a name of its own and imports nothing of Sophia's, because Pulumi's provider process imports it by
itself from its folder.
"""
