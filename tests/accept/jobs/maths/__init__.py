from .basic import cube, imported_pipeline

__all__ = ["cube", "imported_pipeline"]
