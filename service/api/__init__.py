"""HTTP ends here."""
