"""The rules of the product, one test file per noun; no servers, no clock."""
