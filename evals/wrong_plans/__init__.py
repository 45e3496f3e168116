"""The suite `wrong_plans`: what becomes of plans that are wrong."""
