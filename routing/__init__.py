"""The flow: what happens next with calls, agents and tickets; `ports` lead to the world."""
