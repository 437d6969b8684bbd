package io.gemlab.graph.base.text.jinja;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat template, rendered as Hugging Face's {@code apply_chat_template} does with Jinja2: {@code
 * trim_blocks}, {@code lstrip_blocks}, {@code raise_exception}, {@code strftime_now}, {@code
 * tojson} without HTML, loop controls and {@code generation}. What it uses beyond what is known
 * here is refused by name.
 */
public final class JinjaTemplate {
  private static final int LONGEST = 1 << 20;

  private final String name;
  private final List<Statement> statements;

  private JinjaTemplate(String name, List<Statement> statements) {
    this.name = name;
    this.statements = statements;
  }

  /**
   * @param name where it stands, for messages
   * @throws InvalidInput if its blocks can't be read
   */
  public static JinjaTemplate parse(String name, String source) {
    if (source.length() > LONGEST) {
      throw new InvalidInput(
          "%s has %d characters, over the %d of a chat template"
              .formatted(name, source.length(), LONGEST));
    }
    try {
      return new JinjaTemplate(name, BlockParser.parse(source));
    } catch (TemplateFault e) {
      throw new InvalidInput(name + ", " + e.getMessage() + remedy(), e);
    } catch (StackOverflowError e) {
      throw nestedTooDeep(name, e);
    }
  }

  /**
   * @param variables texts, booleans, integers, lists and maps by their names
   * @throws InvalidInput if the template refuses them, in its own words; or if it uses what isn't
   *     supported, takes too long or makes too much
   */
  public String render(Map<String, Object> variables) {
    Map<String, Object> all = new HashMap<>(variables);
    // As Hugging Face gives them where there are none.
    all.putIfAbsent("tools", Values.NONE);
    all.putIfAbsent("documents", Values.NONE);
    Rendering rendering = new Rendering(all);
    try {
      return rendering.render(statements);
    } catch (TemplateFault e) {
      throw new InvalidInput(
          e.isRaised()
              ? name + " refuses the conversation: " + e.getMessage()
              : "%s, line %d: %s%s".formatted(name, rendering.line(), e.getMessage(), remedy()),
          e);
    } catch (StackOverflowError e) {
      throw nestedTooDeep(name, e);
    }
  }

  private static InvalidInput nestedTooDeep(String name, StackOverflowError cause) {
    return new InvalidInput(name + " is nested too deep to be a chat template" + remedy(), cause);
  }

  private static String remedy() {
    return "; make it simpler, or render it with Python and give the text or its ids";
  }
}
