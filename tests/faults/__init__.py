"""The whole service over real HTTP while things break: what was promised holds, and what is down is said."""
