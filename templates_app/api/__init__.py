"""The signed API of templates; who may call it is decided by REST framework's settings."""
