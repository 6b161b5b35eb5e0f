"""Tags: labels of clients with a colour."""
