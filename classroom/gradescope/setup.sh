#!/usr/bin/env bash
# Runs once, when Gradescope makes the image of an uploaded package. Nothing is compiled or started there: what
# run_autograder needs is Python.
set -euo pipefail
command -v python3 >/dev/null || { apt-get update && apt-get install -y --no-install-recommends python3; }
