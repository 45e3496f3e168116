"""What the model is told: Markdown templates with a name, a version and declared inputs."""
