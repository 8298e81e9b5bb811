"""What a snapshot has to hold."""

import random
import sys
import tempfile
import unittest
from pathlib import Path

from . import host

from boll import snapshot

SOURCE = """
def late():
    import sndhdr_of_a_test
    from package_of_a_test import inner
    from nowhere_at_all import nothing
    class Deep:
        def method(self):
            return __import__
    def deeper():
        import deep_of_a_test
"""


class Snapshots(unittest.TestCase):
    def test_imports_inside_of_functions_are_done_at_the_build(self):
        names = ["sndhdr_of_a_test", "deep_of_a_test", "package_of_a_test", "package_of_a_test.inner"]
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "app_of_a_test.py").write_text(SOURCE)
            (folder / "sndhdr_of_a_test.py").write_text("def f():\n    import colorsys\n")
            (folder / "deep_of_a_test.py").write_text("")
            (folder / "package_of_a_test").mkdir()
            (folder / "package_of_a_test/__init__.py").write_text("")
            (folder / "package_of_a_test/inner.py").write_text("")
            sys.path.insert(0, str(folder))
            try:
                __import__("app_of_a_test")
                self.assertFalse(set(names) & set(sys.modules))
                snapshot.preload("app_of_a_test")
            finally:
                sys.path.remove(str(folder))
        self.assertLessEqual({*names, "colorsys"}, set(sys.modules))

    def test_each_instance_has_random_numbers_of_its_own(self):
        drawn = []
        for _ in range(2):
            random.seed(1)
            snapshot._thawed = False
            snapshot.thaw()
            drawn.append(random.random())
        self.assertNotEqual(*drawn)
        random.seed(1)
        snapshot.thaw()
        random_after = random.random()
        random.seed(1)
        self.assertEqual(random_after, random.random(), "only at the first call")
