"""What docs/privacy.md asks of a server is what the local one and the deployment's are told."""

import re

from local.postgres import SETTINGS
from local.settings import PROJECT


def test_the_settings_that_keep_values_out_of_the_servers_log_are_the_same_everywhere():
    page = PROJECT.joinpath("docs", "privacy.md").read_text(encoding="utf-8")
    asked = dict(re.findall(r"^\| `(log_\w+)` \| `([^`]+)` \|", page, re.MULTILINE))
    deployed = dict(re.findall(r"^(log_\w+) = (\S+)", PROJECT.joinpath("deploy", "postgresql.conf").read_text(), re.MULTILINE))
    assert len(asked) == 7
    assert {name: SETTINGS[name] for name in asked} == asked
    assert {name: deployed[name] for name in asked} == asked
