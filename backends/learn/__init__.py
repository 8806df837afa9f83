"""The workbook: exercises in the order in which they are best learnt, judged by the questions of crosscheck."""
