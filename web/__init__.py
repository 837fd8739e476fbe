"""Faces: pages, REST, the screens' websocket and the bus."""
