"""A learner's way through the course: where one stands, what helps, and how to go back or ahead. No screen is here."""
