"""Bundles that ship with the package: data files, found through `importlib.resources`."""
