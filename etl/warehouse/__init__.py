"""The PostgreSQL warehouse: its server, connections, schema, the analyst's session and backups.

No other package opens `sql/`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
