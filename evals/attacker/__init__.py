"""The suite `attacker`: a model's server that is wholly in an attacker's hand, and what happened all the same."""
