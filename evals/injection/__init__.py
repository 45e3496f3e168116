"""The suite `injection`: AgentDojo v1.2 around Sophia's guard, with a planner that obeys whatever it reads."""
