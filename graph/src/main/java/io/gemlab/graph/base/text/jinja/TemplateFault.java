package io.gemlab.graph.base.text.jinja;

/**
 * Why a template can't be rendered; {@link JinjaTemplate} says where it stands. An error, since
 * Jinjava catches every exception and keeps no message whole.
 */
final class TemplateFault extends Error {
  private static final long serialVersionUID = 1L;

  /** Whether the template itself refuses the conversation, by {@code raise_exception}. */
  private final boolean raised;

  private TemplateFault(String message, boolean raised) {
    super(message);
    this.raised = raised;
  }

  static TemplateFault of(String message) {
    return new TemplateFault(message, false);
  }

  static TemplateFault raised(String message) {
    return new TemplateFault(message, true);
  }

  static TemplateFault unsupported(String construct) {
    return of(construct + " is not supported in templates");
  }

  boolean isRaised() {
    return raised;
  }
}
