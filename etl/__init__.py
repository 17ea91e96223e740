"""gongyak: quarterly pledge (공약) reporting for Korean local governments."""

__version__ = "0.1.0"
