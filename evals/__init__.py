"""How good it is: suites, scorers, baselines and reports."""
