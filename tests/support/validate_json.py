"""Checks JSON files against a JSON Schema: validate_json.py SCHEMA FILE... One line per error; exit code 1 if there is any, 77 without jsonschema."""

import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)


def innermost(error):
    """Of the errors of all branches of a oneOf, those of the branch that came furthest say what is wrong."""
    return max(map(innermost, error.context), key=lambda e: len(e.absolute_path)) if error.context else error


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bad = False
    for file in sys.argv[2:]:
        for error in map(innermost, validator.iter_errors(json.loads(pathlib.Path(file).read_text(encoding="utf-8")))):
            bad = True
            print(f"{file}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
