"""OGC's own test suites, run against the service: `python -m tests.deploy.cite [ADDRESS]`.

Features 1.0 (core and CRS) and Tiles 1.0, fetched as this machine's Maven is set up to and run by a JDK. They ask
`ADDRESS/ogc`; without an address the service is started with its demo data, on a cluster of its own. Every test that
fails or is skipped is named; one that fails, or is skipped without a reason told here, fails the run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ops.premises import die_with_parent
from tests.deploy import machine
from tests.deploy.machine import CannotHere, Failed, output, possible, step

CACHE = machine.ROOT / ".cite"
JAVA = 17  # Source: release notes of both suites, January 2025: "Migrate test suite to TEAM Engine 6 (Java 17)"
START_S, AT_MOST_S = 300.0, 1800
GROUP = "org.opengis.cite"
QUAD = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>panhuo</groupId><artifactId>cite</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
  </dependency></dependencies></project>
"""
# Source: java.util.Properties, storeToXML; the identifier is fixed and nothing is fetched from it.
ARGUMENTS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">
<properties version="1.0">{entries}</properties>
"""


@dataclass(frozen=True)
class Suite:
    """One suite: what Maven calls it, the class that runs it, what it is told beside the landing page.

    `{iut}` in an argument stands for the landing page; `skips` tells why a test, as `Class.method`, does not apply.
    """

    name: str
    artifact: str
    version: str
    controller: str
    arguments: dict[str, str]
    skips: dict[str, str] = field(default_factory=dict)


SUITES = (
    Suite(
        "OGC API Features 1.0", "ets-ogcapi-features10", "1.9", f"{GROUP}.ogcapifeatures10.TestNGController",
        {"noofcollections": "-1"},
    ),
    Suite(
        "OGC API Tiles 1.0", "ets-ogcapi-tiles10", "1.2", f"{GROUP}.ogcapitiles10.TestNGController",
        # The whole world in one tile: the tests of single tiles want 200 of each, and this one is never empty.
        {
            "noofcollections": "-1", "tilematrixsetdefinitionuri": QUAD, "tilematrix": "0",
            "mintilerow": "0", "maxtilerow": "0", "mintilecol": "0", "maxtilecol": "0",
            "urltemplatefortiles": "{iut}/collections/factory/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}",
        },
        {"LandingPage.landingPageRetrieval": "the class dataset-tilesets is not claimed"},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """How a test ended: PASS, FAIL or SKIP. `test` is `Class.method`, `case` the data it was given."""

    test: str
    case: str
    status: str
    message: str


def main(arguments: list[str]) -> int:
    """0 where all promises hold, 1 where one does not, 77 where this machine cannot run the suites."""
    try:
        needs_java()
        folders = {suite.name: jars(suite) for suite in SUITES}
    except CannotHere as reason:
        print(f"跳过，未能在此验证 SKIPPED, not proved here: {reason}", flush=True)
        return machine.CANNOT
    if arguments:
        return 0 if all_pass(arguments[0], folders) else 1
    with service() as address:
        return 0 if all_pass(address, folders) else 1


def needs_java() -> None:
    """Raises: `CannotHere`, without a JDK that is new enough."""
    version = possible("java", "--version")
    match = re.search(r"\d+", version)
    if match is None or int(match[0]) < JAVA:
        raise CannotHere(f"Java {JAVA}: {version.strip()}")


def jars(suite: Suite) -> Path:
    """The folder of the suite's jars and all they need. Raises: `CannotHere`, where Maven does not get them."""
    folder = CACHE / f"{suite.artifact}-{suite.version}"
    if (complete := folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pom = POM.format(group=GROUP, artifact=suite.artifact, version=suite.version)
    (folder / "pom.xml").write_text(pom, encoding="utf-8")
    with step(f"mvn dependency:copy-dependencies {suite.artifact} {suite.version}"):
        words = ["-B", "-q", "-U", "-Dstyle.color=never", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        possible("mvn", *words, "dependency:copy-dependencies", cwd=folder)
    complete.touch()
    return folder


@contextmanager
def service() -> Iterator[str]:
    """Where the service answers: a server of its own with the demo data, gone afterwards. Raises: `Failed`."""
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    place.chmod(0o711)  # the database's own account passes through
    address = f"http://127.0.0.1:{(port := machine.free_port())}"
    own = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    own |= {"DATA_DIR": str(place / "data"), "PANHUO_RUNTIME_DIR": str(place), "PORT": str(port)}
    own |= {"PUBLIC_URL": address, "PANHUO_LOG_LEVEL": "warning"}
    log = place / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-P", "-m", "ops.cli", "up"]
        launcher = subprocess.Popen(
            command, env=own, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_parent(15)
        )
    try:
        with step("panhuo up"):
            _wait_until_ready(address, launcher, log)
        yield address
    finally:
        launcher.terminate()
        launcher.wait()
        shutil.rmtree(place, ignore_errors=True)


def _wait_until_ready(address: str, launcher: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_S
    while machine.status(address) != 200:
        if launcher.poll() is not None or time.monotonic() > give_up_at:
            raise Failed(f"panhuo up\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.2)


def all_pass(address: str, folders: dict[str, Path]) -> bool:
    """Runs every suite, whatever the ones before it say."""
    return all([has_passed(suite, results(suite, folders[suite.name], f"{address}/ogc")) for suite in SUITES])


def results(suite: Suite, folder: Path, landing_page: str) -> list[Result]:
    """Raises: `Failed`, where the suite itself does not come to its end."""
    with tempfile.TemporaryDirectory() as place, step(suite.name):
        (properties := Path(place) / "arguments.xml").write_text(arguments_xml(suite, landing_page), encoding="utf-8")
        java = ("java", "-cp", f"{folder}/*", suite.controller, "-o", place, str(properties))
        printed = output("timeout", str(AT_MOST_S), *java, cwd=Path(place))
        files = list(Path(place).rglob("testng-results.xml"))
        if len(files) != 1:
            raise Failed(f"{suite.name}: {len(files)} testng-results.xml\n{printed[-3000:]}")
        return parsed(files[0].read_text(encoding="utf-8"))


def arguments_xml(suite: Suite, landing_page: str) -> str:
    values = {"iut": landing_page} | suite.arguments
    texts = {name: escape(value.replace("{iut}", landing_page)) for name, value in values.items()}
    return ARGUMENTS.format(entries="".join(f'<entry key="{name}">{text}</entry>' for name, text in texts.items()))


def parsed(xml: str) -> list[Result]:
    """Every test of TestNG's report, and of what prepares tests only what failed."""
    kept = []
    for group in ElementTree.fromstring(xml).iter("class"):
        for method in group.iter("test-method"):
            status = method.get("status", "")
            if method.get("is-config") == "true" and status != "FAIL":
                continue
            test = f"{group.get('name', '').rpartition('.')[2]}.{method.get('name')}"
            case = ", ".join(" ".join((value.text or "").split()) for value in method.iter("value"))
            message = " ".join(method.findtext("exception/message", "").split())
            kept.append(Result(test, case, status, message))
    return kept


def has_passed(suite: Suite, tests: list[Result]) -> bool:
    """Tells what became of the tests; whether none failed, none was skipped without a reason, and one passed."""
    count = Counter(result.status for result in tests)
    print(f"{suite.name}: {count['PASS']} passed, {count['FAIL']} failed, {count['SKIP']} skipped", flush=True)
    faults = 0
    for result in sorted(tests, key=lambda result: (result.status, result.test, result.case)):
        if result.status == "PASS":
            continue
        reason = suite.skips.get(result.test) if result.status == "SKIP" else None
        faults += reason is None
        word = result.status if reason is None else "expected"
        case = f" ({result.case[:100]})" if result.case else ""
        print(f"  {word} {result.test}{case}: {reason or result.message}", flush=True)
    return not faults and count["PASS"] > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
