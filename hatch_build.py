"""What the build adds to the wheel: the catalogues of each language, compiled."""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface[Any]):
    """Compile ``netklynge/locale/*/*.po`` into one file per language."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put the compiled files beside the others; a checkout that is installed in place compiles when it starts."""
        if version == "editable":
            return
        package = Path(self.root) / "netklynge"
        spec = importlib.util.spec_from_file_location("catalogues", package / "catalogues.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.place = tempfile.TemporaryDirectory()
        for folder in sorted(path for path in (package / "locale").iterdir() if path.is_dir()):
            rooms = [file.read_bytes() for file in sorted(folder.glob("*.po"))]
            made = Path(self.place.name) / f"{folder.name}.mo"
            made.write_bytes(module.compiled(rooms, folder.name))
            build_data["force_include"][str(made)] = f"netklynge/locale/{folder.name}/{module.COMPILED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            self.place.cleanup()
