"""Tables as files: what a column is, and rows to CSV and XLSX that a spreadsheet cannot run."""
