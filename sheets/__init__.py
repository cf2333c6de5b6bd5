"""What people write: amounts, dates and units, spreadsheets in, CSV and XLSX out."""
