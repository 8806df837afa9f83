"""The picture of each chapter: it is drawn with the chapter's operations, the learner's own where they are right."""
