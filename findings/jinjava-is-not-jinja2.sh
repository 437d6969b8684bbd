#!/usr/bin/env bash
# Jinjava 2.8.0 renders chat templates of Hugging Face otherwise than Jinja2 3.1.6, without an error.
#
# One expects: a template that transformers renders with Jinja2 gives the same prompt in Jinjava, the JVM's Jinja.
# What is so, with its default configuration:
#   - the text "false" counts as false: a message that says just that is taken for an empty one;
#   - `not a == b` is `(not a) == b`;
#   - `for m in messages if c` is parsed as `messages if c` (a choice) and runs over nothing;
#   - a `set` in a loop is still there in the loop's next turn;
#   - a sign before a number is dropped: -7 is 7;
#   - an undefined value plus a text is "nullx".
#
# Seen on 27 November 2026 (needs Java 17 or later and Maven):
#   {% if messages[1].content %}said{% else %}nothing{% endif %} | Jinja2: said | Jinjava: nothing
#   {{ not messages[0].role == 'system' }} | Jinja2: True | Jinjava: false
#   {% for m in messages if m.role == 'user' %}{{ m.content }};{% endfor %} | Jinja2: Hi;Bye; | Jinjava: (empty)
#   {% for m in messages %}[{{ last }}]{% set last = m.role %}{% endfor %} | Jinja2: [][][] | Jinjava: [][user][assistant]
#   {{ -7 }} | Jinja2: -7 | Jinjava: 7
#   {{ missing + 'x' }} | Jinja2: UndefinedError | Jinjava: nullx
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/templates" <<'EOF'
{% if messages[1].content %}said{% else %}nothing{% endif %}
{{ not messages[0].role == 'system' }}
{% for m in messages if m.role == 'user' %}{{ m.content }};{% endfor %}
{% for m in messages %}[{{ last }}]{% set last = m.role %}{% endfor %}
{{ -7 }}
{{ missing + 'x' }}
EOF

cat > "$folder/jinja2_texts.py" <<'EOF'
import sys

import jinja2

conversation = [("user", "Hi"), ("assistant", "false"), ("user", "Bye")]
messages = [{"role": role, "content": content} for role, content in conversation]
for template in open(sys.argv[1]).read().splitlines():
    try:
        text = jinja2.Environment().from_string(template).render(messages=messages)
    except jinja2.UndefinedError as error:
        text = type(error).__name__
    print(f"{template} | Jinja2: {text or '(empty)'} | Jinjava: ")
EOF
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jinja2==3.1.6 || exit 2
"$folder/venv/bin/python" "$folder/jinja2_texts.py" "$folder/templates" > "$folder/jinja2"

cat > "$folder/pom.xml" <<'EOF'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.hubspot.jinjava</groupId>
      <artifactId>jinjava</artifactId>
      <version>2.8.0</version>
    </dependency>
  </dependencies>
</project>
EOF
cat > "$folder/JinjavaTexts.java" <<'EOF'
import com.hubspot.jinjava.Jinjava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class JinjavaTexts {
  public static void main(String[] arguments) throws IOException {
    Jinjava jinjava = new Jinjava();
    List<Map<String, String>> messages =
        List.of(message("user", "Hi"), message("assistant", "false"), message("user", "Bye"));
    for (String template : Files.readAllLines(Path.of(arguments[0]))) {
      var result = jinjava.renderForResult(template, Map.of("messages", messages));
      String text = result.hasErrors() ? result.getErrors().toString() : result.getOutput();
      System.out.println(text.isEmpty() ? "(empty)" : text);
    }
  }

  private static Map<String, String> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }
}
EOF
mvn -q -B -f "$folder/pom.xml" dependency:copy-dependencies -DoutputDirectory="$folder/jars" > "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 2; }
java -cp "$folder/jars/*" "$folder/JinjavaTexts.java" "$folder/templates" > "$folder/jinjava" 2> "$folder/log" ||
  { tail -5 "$folder/log" >&2; exit 1; }

paste -d '\0' "$folder/jinja2" "$folder/jinjava" | tee "$folder/seen"
diff <(sed -n '/^# Seen on/,/^set/ s/^#   //p' "$0") "$folder/seen"
