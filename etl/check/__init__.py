"""Check a batch: rules are data, Great Expectations decides, SQL records every offender.

`catalogue.py` reads the rules, `relations.py` builds what they read, `validation.py` runs them,
`judging.py` records what they find. Each is loaded on its first use, as `__init__.pyi` says.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
