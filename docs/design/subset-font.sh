#!/bin/sh
# Makes assets/fonts/*.woff2 from the npm package @fontsource-variable/source-serif-4.
# The why of every step is in fonts.md. Run from the repository's root; needs npm, python3 and the network.
set -eu
out=$(pwd)/assets/fonts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm pack --silent @fontsource-variable/source-serif-4@5.3.1 >/dev/null
tar -xzf ./*.tgz
python3 -m venv venv
venv/bin/pip install --quiet fonttools==4.68.0 brotli==1.2.1

latin="U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+02C6,U+02DA,U+02DC,U+2010-2015,U+2018-201E,U+2020-2022,U+2026"
latin="$latin,U+2030,U+2032-2033,U+2039-203A,U+2044,U+2060,U+20AC,U+2122,U+2190-2193,U+2212,U+2215"
ext="U+0100-0130,U+0132-0148,U+014A-0151,U+0154-017E,U+0218-021B,U+1E9E"

# $1 the set in the package, $2 characters, $3 layout features, $4 the file to write
subset() {
    venv/bin/fonttools varLib.instancer --quiet \
        "package/files/source-serif-4-$1-wght-normal.woff2" wght=400:700 -o "$1.ttf"
    venv/bin/python - "$1.ttf" <<'PY'
import sys
from fontTools.ttLib import TTFont

# The licence reserves the name "Source": a changed font must carry another.
font = TTFont(sys.argv[1])
for record in font["name"].names:
    text = record.toUnicode()
    if record.nameID in (1, 3, 4, 6, 16, 25):
        font["name"].setName(
            text.replace("Source Serif 4", "Streamly Serif")
            .replace("SourceSerif4", "StreamlySerif")
            .replace("Source", "Streamly"),
            record.nameID, record.platformID, record.platEncID, record.langID,
        )
font.save(sys.argv[1])
PY
    venv/bin/pyftsubset "$1.ttf" --output-file="$out/$4" --flavor=woff2 --unicodes="$2" \
        --layout-features="$3" --no-hinting --name-IDs='0,1,2,3,4,5,6,13,14'
    wc -c "$out/$4"
}

subset latin "$latin" kern,liga source-serif-latin.woff2
subset latin-ext "$ext" "" source-serif-latin-ext.woff2
{
    echo "Copyright 2014 - 2021 Adobe Systems Incorporated (http://www.adobe.com/), with Reserved Font Name 'Source'."
    echo "Streamly Serif is a subset of Source Serif 4, renamed as the licence asks; see docs/design/fonts.md."
    echo
    tail -n +3 package/LICENSE
} >"$out/source-serif-LICENSE.txt"
