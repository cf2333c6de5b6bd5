"""Secrets kept in files."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.environment import read_or_make


def test_all_who_start_together_read_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: read_or_make(tmp_path / "secret", length=16), range(32)))
    assert len(secrets) == 1


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        read_or_make(tmp_path / "secret", length=16)
