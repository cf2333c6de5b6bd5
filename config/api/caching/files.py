"""Django's cache in files without its compression, which takes longer than all else of it."""

import pickle
import zlib
from typing import IO, Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

_LEVEL = 0  # of compression: what is large is packed by whoever keeps it, part by part


class QuickFileCache(FileBasedCache):
    """The cache of a machine."""

    def _write_content(self, file: IO[bytes], timeout: Any, value: Any) -> None:
        if timeout == DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        file.write(pickle.dumps(self.get_backend_timeout(timeout), self.pickle_protocol))
        file.write(zlib.compress(pickle.dumps(value, self.pickle_protocol), _LEVEL))
