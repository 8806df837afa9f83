"""The number systems in which the text of an operation is read: balls, jets, and balls that round as a dtype does."""
