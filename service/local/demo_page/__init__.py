"""A page to see the service work: a viewer's settings beside what they make of her feed. Development only."""
