"""The report page: what it says and shows, made from the tables that the steps wrote. Imports no torch."""
