"""What the proof by OGC's suites makes of a report; the report is TestNG 7.12's, without its stacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.deploy.cite import SUITES, Result, has_passed, parsed

REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<testng-results ignored="0" total="6" passed="2" failed="1" skipped="3"><suite name="demo"><test name="Core">
  <class name="demo.Shown">
    <test-method is-config="true" name="prepare" status="PASS"><reporter-output></reporter-output></test-method>
    <test-method name="fails" description="Abstract Test 2" status="FAIL">
      <exception class="java.lang.AssertionError"><message><![CDATA[expected <200> & got 404
second line]]></message></exception>
    </test-method>
    <test-method name="passes" data-provider="collections" status="PASS">
      <params><param index="0"><value><![CDATA[land]]></value></param></params>
    </test-method>
    <test-method name="passes" data-provider="collections" status="PASS">
      <params><param index="0"><value><![CDATA[factory]]></value></param></params>
    </test-method>
    <test-method name="skips" status="SKIP">
      <exception class="org.testng.SkipException"><message><![CDATA[nothing to test]]></message></exception>
    </test-method>
  </class>
  <class name="demo.Unprepared">
    <test-method is-config="true" name="prepare" status="FAIL">
      <exception class="java.lang.IllegalStateException"><message><![CDATA[no API definition]]></message></exception>
    </test-method>
    <test-method name="never" status="SKIP"></test-method>
  </class>
</test></suite></testng-results>
"""
PASSES = [Result("Shown.passes", case, "PASS", "") for case in ("land", "factory")]
SKIPS = Result("Shown.skips", "", "SKIP", "nothing to test")


def test_a_report_is_read_with_what_prepares_tests_and_fails() -> None:
    assert parsed(REPORT) == [
        Result("Shown.fails", "", "FAIL", "expected <200> & got 404 second line"),
        *PASSES,
        SKIPS,
        Result("Unprepared.prepare", "", "FAIL", "no API definition"),
        Result("Unprepared.never", "", "SKIP", ""),
    ]


def test_a_skipped_test_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    suite = replace(SUITES[0], skips={"Shown.skips": "not claimed"})

    assert not has_passed(replace(suite, skips={}), [*PASSES, SKIPS])
    assert has_passed(suite, [*PASSES, SKIPS])
    assert not has_passed(suite, [SKIPS])  # nothing was tried
    assert not has_passed(suite, [*PASSES, replace(SKIPS, status="FAIL")])
    assert capsys.readouterr().out.splitlines()[1:4] == [
        "  SKIP Shown.skips: nothing to test",
        "OGC API Features 1.0: 2 passed, 0 failed, 1 skipped",
        "  expected Shown.skips: not claimed",
    ]
