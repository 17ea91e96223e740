"""The stages in order: one function per task, ids in and records out.

The shell and the DAGs call these and nothing below. Each stage logs one line with the same keys.
A stage's module is loaded on the first use of what `__init__.pyi` says lies in it: a command that
only asks does not wait for what reads, checks or draws.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
