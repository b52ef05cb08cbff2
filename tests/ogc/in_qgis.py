"""Run by the Python that has QGIS: opens a project and prints, as JSON, what a person would see of it.

`in_qgis.py PROJECT PICTURE`, or `in_qgis.py STYLE - SOURCE` of a layer. Layers are taken away before QGIS ends, which
it does not survive otherwise.
"""

from __future__ import annotations

import json
import sys

from qgis.core import (  # type: ignore[import-not-found]
    QgsApplication,
    QgsExpressionContext,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRenderContext,
    QgsValueMapFieldFormatter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize  # type: ignore[import-not-found]
from qgis.PyQt.QtGui import QColor  # type: ignore[import-not-found]


def seen(layer: object) -> dict[str, object]:
    """A layer: how many features, what its legend says, how a field is called and a word of it shown."""
    renderer, fields = layer.renderer(), layer.fields()  # type: ignore[attr-defined]
    is_coloured = renderer is not None and renderer.type() == "categorizedSymbol"
    first = next(layer.getFeatures(), None)  # type: ignore[attr-defined]
    n = fields.indexOf("availability")
    setup = fields[n].editorWidgetSetup() if n >= 0 else None
    word = None
    if first is not None and setup is not None:
        word = QgsValueMapFieldFormatter().representValue(layer, n, setup.config(), None, first["availability"])
    return {
        "name": layer.name(),  # type: ignore[attr-defined]
        "is_valid": layer.isValid(),  # type: ignore[attr-defined]
        "features": layer.featureCount(),  # type: ignore[attr-defined]
        "legend": [c.label() for c in renderer.categories() if c.value()] if is_coloured else [],
        "of_first": None if first is None or renderer is None else drawn_as(renderer, first, fields),
        "aliases": {field.name(): field.alias() for field in fields},
        "word": word,
    }


def drawn_as(renderer: object, feature: object, fields: object) -> str:
    """The colour that a feature has on the map."""
    context = QgsRenderContext()
    context.setExpressionContext(QgsExpressionContext())
    renderer.startRender(context, fields)  # type: ignore[attr-defined]
    symbol = renderer.symbolForFeature(feature, context)  # type: ignore[attr-defined]
    colour: str = symbol.color().name()
    renderer.stopRender(context)  # type: ignore[attr-defined]
    return colour


def opened(file: str, picture: str) -> dict[str, object]:
    """A project: its layers, in the order of its legend, and a picture of what is shown first."""
    project = QgsProject.instance()
    is_read = project.read(file)
    layers = {layer.id(): seen(layer) for layer in project.mapLayers().values()}
    tree = [child.name() for child in project.layerTreeRoot().findLayers()]
    settings = QgsMapSettings()
    settings.setLayers(project.layerTreeRoot().checkedLayers())
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(1200, 900))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    extent = settings.visibleExtent()
    box = [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()]
    project.removeAllMapLayers()
    return {"is_read": is_read, "crs": project.crs().authid(), "tree": tree, "layers": layers, "box": box}


def styled(file: str, source: str) -> dict[str, object]:
    """A layer that is added by hand and given a style."""
    layer = QgsVectorLayer(source, "x", "OAPIF")
    message, is_read = layer.loadNamedStyle(file)
    return {"message": "" if is_read else message, "layer": seen(layer)}


def main(file: str, picture: str, source: str = "") -> None:
    qgis = QgsApplication([], False)
    qgis.initQgis()
    print(json.dumps(styled(file, source) if source else opened(file, picture)))
    qgis.exitQgis()


main(*sys.argv[1:])
