"""Where each part lies; `__init__.py` loads it from there on its first use."""

from .catalogue import (
    FORM_GATE as FORM_GATE,
    LEVELS as LEVELS,
    RELATIONS as RELATIONS,
    Rule as Rule,
    office_rules as office_rules,
    rule_version as rule_version,
    rules as rules,
)
from .data_docs import (
    data_docs as data_docs,
)
from .judging import (
    Judge as Judge,
    check_batch as check_batch,
    fault_in as fault_in,
)
from .page import (
    rules_page as rules_page,
)
from .validation import (
    CheckRecord as CheckRecord,
    load_expectations as load_expectations,
)
