"""What is looked at to say how the system is: small functions, one module an area."""
