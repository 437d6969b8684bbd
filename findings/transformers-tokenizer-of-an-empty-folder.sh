#!/usr/bin/env bash
# transformers 5.23.0: a Gemma folder without tokenizer files has a tokenizer all the same, one that knows no word.
#
# One expects: AutoTokenizer.from_pretrained says that tokenizer.json (or tokenizer.model) is not there, for example
# because a training run saved the model alone. For Llama it does.
# What is so: with config.json of a Gemma it returns a GemmaTokenizer of five pieces, without a warning; with
# tokenizer_config.json beside it too. Any text becomes one <unk>, whatever its length, without <bos>: training, scoring
# and generation go on over that.
#
# Seen on 27 November 2026:
#   gemma2 config.json GemmaTokenizer, pieces: <bos> <eos> <mask> <pad> <unk>
#   gemma2 config.json 'Why is the sky blue?' [3]
#   gemma2 config.json 'Some words\nand a second line.' [3]
#   gemma2 config.json + tokenizer_config.json GemmaTokenizer, pieces: <bos> <eos> <mask> <pad> <unk>
#   gemma2 config.json + tokenizer_config.json 'Why is the sky blue?' [3]
#   gemma2 config.json + tokenizer_config.json 'Some words\nand a second line.' [3]
#   llama config.json refused: ValueError
#   lines of warning: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q transformers==5.23.0 tokenizers==0.23.3 || exit 2

cat > "$folder/load.py" <<'EOF'
import json
import pathlib
import sys

from transformers import AutoTokenizer


def load(kind, *files):
    folder = pathlib.Path(sys.argv[1]) / f"{kind}-{len(files)}"
    folder.mkdir()
    contents = {"config.json": {"model_type": kind}, "tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer"}}
    for file in files:
        (folder / file).write_text(json.dumps(contents[file]))
    said = kind + " " + " + ".join(files)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as refusal:
        print(said, "refused:", type(refusal).__name__)
        return
    print(said, type(tokenizer).__name__ + ", pieces:", *sorted(tokenizer.get_vocab()))
    for text in "Why is the sky blue?", "Some words\nand a second line.":
        print(said, repr(text), tokenizer(text).input_ids)


load("gemma2", "config.json")
load("gemma2", "config.json", "tokenizer_config.json")
load("llama", "config.json")
EOF
"$folder/venv/bin/python" "$folder/load.py" "$folder" > "$folder/seen" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }
# That PyTorch isn't there is no word on the tokenizer.
echo "lines of warning: $(grep -vc 'PyTorch was not found' "$folder/log")" >> "$folder/seen"

cat "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
