"""The suite `recall_questions`: a year of invented history, and questions about it with and without an answer."""
