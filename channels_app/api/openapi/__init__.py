"""The OpenAPI document: what views say of themselves, and what holds for all of them."""
