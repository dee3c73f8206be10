#!/usr/bin/env bash
# Prints the path of a Python that has independent clients and servers of the protocols we speak.
# Made once, below the build folder given as $1; ends with 77 where there is no Python or no packages.
set -euo pipefail
folder=$1/python-clients
packages=(botocore==1.44.8 "moto[server]==5.2.5" openai==3.57.0 numpy==2.4.6 python-hcl2==8.1.4)
python=$folder/bin/python
# Tests run beside each other, and each may come first.
exec 9>"$folder.lock"
if command -v flock >/dev/null; then flock 9; fi
mark=$folder/$(printf '%s\n' "${packages[@]}" | cksum | cut -d' ' -f1)
if [ ! -e "$mark" ]; then
    command -v python3 >/dev/null || exit 77
    {
        rm -rf "$folder"
        python3 -m venv "$folder" && "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
    } >&2 || exit 77
    touch "$mark"
fi
echo "$python"
