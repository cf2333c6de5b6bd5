"""The written documentation; `python -m docs.generate` writes its tables from the code."""
