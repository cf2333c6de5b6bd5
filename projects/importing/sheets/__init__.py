"""Sheets that are given out: the template, the rows left out, the sheet with its faults marked."""
