"""Writes layouts.tsv: what a C compiler says of the structs in pjrt_c_api.h.

    python layouts.py PATH/pjrt_c_api.h > layouts.tsv

One line a struct: its name, PJRT's own size of it (up to the end of the last field), and the
offset of each field in order. Then one line a function of PJRT_Api, with its offset. Needs `cc`.
"""
import re
import subprocess
import sys
import tempfile

header = sys.argv[1]
text = re.sub(r"//[^\n]*", "", open(header).read())


def field_name(declaration):
    callback = re.search(r"\(\*(\w+)\)\(", declaration)
    return callback.group(1) if callback else re.search(r"(\w+)$", declaration).group(1)


lines = []
for name, body in re.findall(r"^struct (PJRT_\w+) \{(.*?)^\};", text, re.S | re.M):
    # The fields of an anonymous union share an offset: its first stands for all.
    body = re.sub(r"union \{\s*([^;]+;)[^}]*\};", r"\1", body)
    fields = [field_name(f.strip()) for f in body.split(";") if f.strip()]
    last = f"offsetof({name}, {fields[-1]}) + sizeof((({name}*)0)->{fields[-1]})"
    lines.append(f'printf("{name}\\t%zu\\t", {last});')
    for i, field in enumerate(fields):
        lines.append(f'printf("{"," if i else ""}%zu", offsetof({name}, {field}));')
    lines.append('puts("");')
for function in re.findall(r"_PJRT_API_STRUCT_FIELD\((\w+)\);", text):
    lines.append(f'printf("PJRT_Api.{function}\\t%zu\\n", offsetof(PJRT_Api, {function}));')

with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/layouts.c", "w") as source:
        body = "\n".join(lines)
        source.write(f'#include <stdio.h>\n#include "{header}"\nint main(void) {{\n{body}\n}}\n')
    subprocess.run(["cc", "-o", f"{folder}/layouts", f"{folder}/layouts.c"], check=True)
    subprocess.run([f"{folder}/layouts"], check=True)
