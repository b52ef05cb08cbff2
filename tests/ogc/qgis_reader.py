"""Opens layers in QGIS without a window, run by the Python that QGIS is installed for; reads what to open as JSON.

A layer: `typename`, and where wanted `subset` (an expression of QGIS), `box` (west, south, east, north, in the
system of the layer), `user` and `password`, `header`. Answers a list of what was found in each.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (  # type: ignore[import-not-found]
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)


def main() -> None:
    """Reads the standard input to its end and answers on the standard output."""
    tasks = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    answers = [opened(task) for task in tasks["layers"]]
    json.dump({"version": Qgis.QGIS_VERSION, "layers": answers}, sys.stdout)
    sys.stdout.flush()
    app.exitQgis()


def opened(task: dict[str, Any]) -> dict[str, Any]:
    """One layer, gone before the next: one that outlives the application ends it by a signal."""
    uri = f"url='{task['url']}' typename='{task['typename']}' pagingEnabled='true' restrictToRequestBBOX='1'"
    if "password" in task:
        uri += f" authcfg={with_password(task)}"
    layer = QgsVectorLayer(uri, task["typename"], "OAPIF")
    if not layer.isValid():
        return {"is_valid": False, "error": layer.error().summary()}
    is_set = layer.setSubsetString(task["subset"]) if "subset" in task else True
    request = QgsFeatureRequest()
    if "box" in task:
        request.setFilterRect(QgsRectangle(*task["box"]))
    counted = layer.featureCount()
    features = list(layer.getFeatures(request))
    answer = {
        "is_valid": True,
        "is_set": is_set,
        "geometry": QgsWkbTypes.displayString(layer.wkbType()),
        "crs": layer.crs().authid(),
        "fields": {field.name(): field.typeName() for field in layer.fields()},
        "counted": counted,
        "ids": sorted(feature["id"] for feature in features),
        "points": [first(feature) for feature in features[:1] if feature.hasGeometry()],
    }
    del layer, features, request
    return answer


def first(feature: Any) -> list[float]:
    """The first position of a feature."""
    point = next(feature.geometry().vertices())
    return [point.x(), point.y()]


def with_password(task: dict[str, Any]) -> str:
    """An authentication configuration of QGIS, kept in its own profile."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("test", True)
    config = QgsAuthMethodConfig()
    config.setName("test")
    config.setMethod("Basic")
    config.setConfigMap({"username": task["user"], "password": task["password"]})
    manager.storeAuthenticationConfig(config)
    return str(config.id())


if __name__ == "__main__":
    main()
