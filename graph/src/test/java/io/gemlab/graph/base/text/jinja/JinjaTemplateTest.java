package io.gemlab.graph.base.text.jinja;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates against transformers, whose texts and errors make_chat_golden.py wrote. */
class JinjaTemplateTest {
  private static final JsonNode GOLDEN = JsonFile.readObject(resource("chat/chat_golden.json"));
  private static final Map<String, Object> SPECIAL =
      Map.of(
          "bos_token", "<bos>", "eos_token", "<eos>", "pad_token", "<pad>", "unk_token", "<unk>");

  @Test
  void conversationsAreTransformers() {
    for (JsonNode each : GOLDEN.get("cases")) {
      String name = each.get("template").asText();
      JinjaTemplate template =
          JinjaTemplate.parse(name, JinjaDialect.CHAT, GOLDEN.get("templates").get(name).asText());
      Map<String, Object> variables = new HashMap<>(SPECIAL);
      variables.put("messages", plain(each.get("messages")));
      variables.put("add_generation_prompt", true);
      if (each.has("text")) {
        assertEquals(each.get("text").asText(), template.render(variables), each::toString);
      } else {
        String refusal = name + " refuses the conversation: " + each.get("error").asText();
        InvalidInput e = assertThrows(InvalidInput.class, () -> template.render(variables));
        assertEquals(refusal, e.getMessage());
      }
    }
  }

  /** Each construct gives what Jinja2 gives, or is refused; what Jinja2 refuses is refused. */
  @Test
  void noConstructGivesAnotherTextThanJinja2() {
    List<String> wrong = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (JsonNode each : GOLDEN.get("snippets")) {
      String source = each.get("template").asText();
      String expected = each.has("text") ? each.get("text").asText() : null;
      try {
        String text = JinjaTemplate.parse("it", JinjaDialect.CHAT, source).render(variables());
        if (!text.equals(expected)) wrong.add(source + " gives " + text + ", not " + expected);
      } catch (InvalidInput e) {
        if (expected != null) refused.add(source);
      }
    }
    assertEquals(List.of(), wrong);
    assertEquals(REFUSED, refused);
  }

  /** docs/chat-templates.md lists them. */
  private static final List<String> REFUSED =
      List.of(
          "{{ 1 < 2 < 3 }}",
          "{{ 'a' 'b' }}",
          "{{ 2 ** 3 }}",
          "{{ 7 / 2 }}",
          "{{ 'a' * 3 }}",
          "{{ '%d' % 3 }}",
          "{{ words[::-1] }}",
          "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
          "{{ x is in(['a']) }}",
          "{{ empty }}",
          "{{ x is sameas true }}",
          "{{ words | map('upper') | list }}",
          "{{ '\\u00e9' }}",
          "{{ '\\x41' }}",
          "{{ 'a\\d' }}",
          "{{ 1_000 }}",
          "{{ 0x10 }}",
          "{{ 'abc'[-5:] }}",
          "{{ [1, 2,] | length }}",
          "{{ n is divisibleby 3 }}",
          "{{ words | reverse | list }}",
          "{{ person | dictsort }}");

  /** No class of Java, no file, no end of time or memory: each is refused in a line. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ''.getClass().forName('java.lang.Runtime') }}",
        "{{ words.getClass() }}",
        "{{ words.class }}{{ words.class.x }}",
        "{{ ____int3rpr3t3r____ }}",
        "{{ ____int3rpr3t3r____.getContext() }}",
        "{{ ____int3rpr3t3r____.config + 'a' }}",
        "{{ raise_exception.call() }}",
        "{{ range }}",
        "{% include '/etc/passwd' %}",
        "{% import '/etc/passwd' as p %}",
        "{% extends '/etc/passwd' %}",
        "{{ x | render }}",
        "{{ type(x) }}",
        "{{ range(1000000000) }}",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}"
            + "{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}"
            + "{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}"
            + "{% set ns.s = ns.s.replace('a', 'aaaaaaaa') %}{% endfor %}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for i in range(99) %}"
            + "{% set ns.s = [ns.s, ns.s, ns.s] | join(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}"
            + "{% endfor %}{{ ns.s | tojson }}",
        "{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}"
            + "{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
        "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns | tojson }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set ns.x = 1 %}",
        "{% set __class__.x = 1 %}"
      })
  @Timeout(60)
  void hostileTemplatesEndInALine(String source) {
    InvalidInput e =
        assertThrows(
            InvalidInput.class,
            () -> JinjaTemplate.parse("it", JinjaDialect.CHAT, source).render(variables()));
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().startsWith("it"), e.getMessage());
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "{% if x %}".repeat(50_000);
    assertThrows(InvalidInput.class, () -> JinjaTemplate.parse("it", JinjaDialect.CHAT, deep));
    String brackets = "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}";
    assertThrows(
        InvalidInput.class,
        () -> JinjaTemplate.parse("it", JinjaDialect.CHAT, brackets).render(variables()));
  }

  @Test
  void aRefusalIsInTheTemplatesWords() {
    JinjaTemplate template =
        JinjaTemplate.parse("it", JinjaDialect.CHAT, "{{ raise_exception('100% \\'no\\' ' + x) }}");
    InvalidInput e = assertThrows(InvalidInput.class, () -> template.render(variables()));
    assertEquals("it refuses the conversation: 100% 'no' a", e.getMessage());
  }

  /** Day and month in English wherever it runs. */
  @Test
  void timeIsWrittenAsPythonDoes() {
    LocalDateTime time = LocalDateTime.of(2026, 3, 5, 16, 7, 8);
    assertEquals(
        "05 Mar 2026, Thursday March, 04:07:08 PM 100%",
        Strftime.format("%d %b %Y, %A %B, %I:%M:%S %p 100%%", time));
    InvalidInput e =
        assertThrows(
            InvalidInput.class,
            () ->
                JinjaTemplate.parse("it", JinjaDialect.CHAT, "{{ strftime_now('%Q') }}")
                    .render(Map.of()));
    assertTrue(e.getMessage().contains("%Q in strftime_now"), e.getMessage());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> variables() {
    return new HashMap<>((Map<String, Object>) plain(GOLDEN.get("variables")));
  }

  private static Object plain(JsonNode json) {
    return new JsonMapper().convertValue(json, Object.class);
  }
}
