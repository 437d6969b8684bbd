package io.gemlab.graph.base.text.jinja;

import io.gemlab.graph.base.input.InvalidInput;
import java.util.List;
import java.util.Map;

/**
 * A template in Jinja, rendered as Jinja2 does in the surroundings of a {@link JinjaDialect}. What
 * it uses beyond what is known here is refused by name. Safe for several threads, one at a time.
 */
public final class JinjaTemplate {
  private static final int LONGEST = 1 << 20;

  private final String name;
  private final JinjaDialect dialect;
  private final List<Statement> statements;
  private final Rendering rendering;

  private JinjaTemplate(String name, JinjaDialect dialect, List<Statement> statements) {
    this.name = name;
    this.dialect = dialect;
    this.statements = statements;
    this.rendering = new Rendering(dialect);
  }

  /**
   * @param name where it stands, for messages
   * @throws InvalidInput if its blocks can't be read
   */
  public static JinjaTemplate parse(String name, JinjaDialect dialect, String source) {
    if (source.length() > LONGEST) {
      throw new InvalidInput(
          "%s has %d characters, over the %d of %s"
              .formatted(name, source.length(), LONGEST, dialect.noun()));
    }
    try {
      return new JinjaTemplate(name, dialect, BlockParser.parse(dialect, source));
    } catch (TemplateFault e) {
      throw new InvalidInput(name + ", " + e.getMessage() + remedy(dialect), e);
    } catch (StackOverflowError e) {
      throw nestedTooDeep(name, dialect, e);
    }
  }

  /**
   * @param variables texts, booleans, numbers, lists and maps by their names, and {@link
   *     JinjaValues#none}
   * @throws InvalidInput if the template refuses them, in its own words; or if it uses what isn't
   *     supported, takes too long or makes too much
   */
  public synchronized String render(Map<String, ?> variables) {
    try {
      return rendering.render(statements, variables);
    } catch (TemplateFault e) {
      throw new InvalidInput(
          e.isRaised()
              ? name + " refuses the conversation: " + e.getMessage()
              : "%s, line %d: %s%s"
                  .formatted(name, rendering.line(), e.getMessage(), remedy(dialect)),
          e);
    } catch (StackOverflowError e) {
      throw nestedTooDeep(name, dialect, e);
    }
  }

  private static InvalidInput nestedTooDeep(
      String name, JinjaDialect dialect, StackOverflowError cause) {
    return new InvalidInput(
        name + " is nested too deep to be " + dialect.noun() + remedy(dialect), cause);
  }

  private static String remedy(JinjaDialect dialect) {
    return switch (dialect) {
      case CHAT -> "; make it simpler, or render it with Python and give the text or its ids";
      case TASK -> "; make it simpler, or write the field's text into the data";
    };
  }
}
