"""The picture of each chapter: what is drawn comes from the chapter's operations, the learner's own where they are right."""
