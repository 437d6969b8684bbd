package io.gemlab.graph.base.text.jinja;

import static io.gemlab.graph.TestFiles.resource;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Against lm-evaluation-harness's Jinja2 and Python's re; make_task_golden.py wrote what they give.
 */
class TaskTemplateTest {
  private static final JsonNode GOLDEN = JsonFile.readObject(resource("jinja/task_golden.json"));

  @Test
  void templatesGiveWhatLmEvalRenders() {
    Map<String, Object> document = JinjaValues.of(GOLDEN.get("doc"));
    for (JsonNode each : GOLDEN.get("templates")) {
      JinjaTemplate template =
          JinjaTemplate.parse("it", JinjaDialect.TASK, each.get("template").asText());
      if (each.has("text")) {
        assertEquals(each.get("text").asText(), template.render(document), each::toString);
      } else {
        assertThrows(InvalidInput.class, () -> template.render(document), each::toString);
      }
    }
  }

  /** One template is rendered again after it refused a document. */
  @Test
  void aRefusalLeavesNothingBehind() {
    JinjaTemplate template = JinjaTemplate.parse("it", JinjaDialect.TASK, "{{ a.b }}");
    Map<String, Object> without = Map.of("a", Map.of());
    InvalidInput e = assertThrows(InvalidInput.class, () -> template.render(without));
    assertTrue(
        e.getMessage().startsWith("it, line 1: the expression \"a.b\" is undefined"),
        e::getMessage);
    assertEquals("x", template.render(Map.of("a", Map.of("b", "x"))));
  }

  @Test
  void regularExpressionsFindWhatPythonsFind() {
    for (JsonNode each : GOLDEN.get("findall")) {
      List<List<String>> found = new ArrayList<>();
      for (JsonNode match : each.get("found")) {
        List<String> groups = new ArrayList<>();
        match.forEach(group -> groups.add(group.asText()));
        found.add(groups);
      }
      PythonRegex regex = PythonRegex.compile(each.get("pattern").asText());
      assertEquals(found, regex.findAll(each.get("text").asText()), each::toString);
    }
    for (JsonNode each : GOLDEN.get("sub")) {
      assertEquals(
          each.get("result").asText(),
          PythonRegex.compile(each.get("pattern").asText())
              .replace(each.get("text").asText(), each.get("by").asText(), 0),
          each::toString);
    }
  }

  @Test
  void whatIsNoRegularExpressionIsRefused() {
    InvalidInput e = assertThrows(InvalidInput.class, () -> PythonRegex.compile("(a"));
    assertEquals(1, e.getMessage().lines().count());
  }
}
