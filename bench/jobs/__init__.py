"""What runs inside processes of the service's own kind, one function a measurement."""
