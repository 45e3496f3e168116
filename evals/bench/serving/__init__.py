"""What `sophia serve` costs and how fast it answers: real processes, and a Slack that only takes what it is told."""
