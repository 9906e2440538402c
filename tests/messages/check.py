#!/usr/bin/env python3
"""Holds every message of an outbox against the checkers of a folder, and its signature against OpenDKIM.

usage: check.py --checks FOLDER --outbox MAILDIR --dns TEXTFILE --caniemail DATA.json --postal TEXT

TEXTFILE is what the demo printed: the DKIM records in it are the only ones there are. One line per message and check, in the manner of
`cargo test`, so that scripts/test counts them. Asks no name server. Runs with the Python of target/python (see scripts/setup).
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

RECORD = re.compile(r'^\s*(\S+\._domainkey\.[^\s.]\S*?)\.?\s+(?:\d+\s+)?(?:IN\s+)?TXT\s+\(?\s*((?:"[^"]*"\s*)+)', re.MULTILINE)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--checks", "--outbox", "--dns", "--caniemail", "--postal"):
        parser.add_argument(name, required=True)
    return parser.parse_args()


def records(text):
    """The DKIM records in a zone file or in prose: name -> value, its strings joined (RFC 6376, section 3.6.2.2)."""
    return {name: "".join(re.findall(r'"([^"]*)"', strings)) for name, strings in RECORD.findall(text)}


def opendkim_config(folder, zone):
    table = folder / "records"
    table.write_text("".join(f"{name} {value}\n" for name, value in zone.items()))
    config = folder / "opendkim.conf"
    config.write_text(f"Mode v\nTestDNSData file:{table}\n")
    return config


def not_spam(message):
    """SpamAssassin's score by the rules that ask nobody; a digest stays below 1."""
    with open(message, "rb") as mail:
        done = subprocess.run(["spamassassin", "--local", "--test-mode"], stdin=mail, capture_output=True, text=True, check=False)
    score = re.search(r"^X-Spam-Status: .*?score=(-?[0-9.]+)", done.stdout, re.MULTILINE)
    said = done.stdout[done.stdout.find("Content analysis details"):] if score else done.stderr
    return bool(score) and float(score[1]) < 1.0, said


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def verified_by_opendkim(message, config):
    # Its exit status says only that it ran.
    ran, said = run("opendkim", "-t", message, "-x", config)
    return ran and "succeeded" in said and "failed" not in said, said


def well_formed(said):
    """Whether nothing is missing that a message must or should do. A twin of other topics has another lead, and so another subject."""
    failures = [line for line in said.splitlines() if line.startswith("FAIL") and not line.startswith("FAIL SHOULD W04 ")]
    return "score" in said and not failures, said


def checks_of(message, twin, options, zone_file, dkim_config):
    """Name and result of every check of one message."""
    python, checks = sys.executable, pathlib.Path(options.checks)
    against_twin = ["--twin", twin] if twin else []
    form = run(python, checks / "check_message.py", message, "--kind", "digest", "--postal", options.postal, "--dns", zone_file, *against_twin)
    yield "form", well_formed(form[1])
    yield "clients", run(python, checks / "caniemail_lint.py", options.caniemail, message)
    yield "signature", verified_by_opendkim(message, dkim_config)
    yield "spam", not_spam(message)


def main():
    options = arguments()
    outbox = pathlib.Path(options.outbox)
    messages = sorted(path for part in ("new", "cur") for path in (outbox / part).glob("*"))
    zone = records(pathlib.Path(options.dns).read_text(encoding="utf-8"))
    if len(messages) < 2 or not zone:
        sys.exit(f"{len(messages)} messages in {outbox} and {len(zone)} DKIM records in {options.dns}: there should be more")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        zone_file = folder / "zone.json"
        zone_file.write_text(json.dumps(zone))
        dkim_config = opendkim_config(folder, zone)
        for index, message in enumerate(messages):
            twin = messages[index - 1]
            for name, (good, said) in checks_of(message, twin, options, zone_file, dkim_config):
                results.append(good)
                print(f"test {message.name} {name} ... {'ok' if good else 'FAILED'}\n{said}")
    failed = results.count(False)
    print(f"test result: {'FAILED' if failed else 'ok'}. {len(results) - failed} passed; {failed} failed;")
    sys.exit(bool(failed))


main()
