"""What ./dev needs: embedded servers, development keys, demo data."""
