package io.gemlab.graph.base.text.jinja;

/** Who renders a template: the same language with other surroundings. */
public enum JinjaDialect {
  /**
   * Hugging Face's {@code apply_chat_template}: a block takes the newline behind it and the white
   * space before it on its line, the template's last newline goes, and what isn't there is empty.
   */
  CHAT("a chat template"),
  /**
   * lm-evaluation-harness's prompts: white space stays as it is, and what isn't there is an error.
   */
  TASK("a task's template");

  private final String noun;

  JinjaDialect(String noun) {
    this.noun = noun;
  }

  /** What such a template is called in messages. */
  String noun() {
    return noun;
  }

  /** What a variable or an item is that isn't there. */
  Object undefined() {
    return this == TASK ? Values.MISSING : null;
  }

  /** Whether blocks take white space around them. */
  boolean trimsBlocks() {
    return this == CHAT;
  }
}
