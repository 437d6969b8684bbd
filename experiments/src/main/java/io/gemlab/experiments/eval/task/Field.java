package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.text.jinja.JinjaDialect;
import io.gemlab.graph.base.text.jinja.JinjaTemplate;
import java.util.function.Function;

/** What a task makes of a document: a text, an integer, a list. */
sealed interface Field {
  /**
   * Its value for a document.
   *
   * @throws InvalidInput if the document has not what it needs
   */
  Object of(Document document);

  /** A template, or the name of one of the document's fields. */
  static Field template(String where, String source) {
    return new Template(where, source, JinjaTemplate.parse(where, JinjaDialect.TASK, source));
  }

  /** The same for every document. */
  record Constant(Object value) implements Field {
    @Override
    public Object of(Document document) {
      return value;
    }
  }

  /** What a twin of a Python function gives. */
  record Computed(Function<Document, Object> function) implements Field {
    @Override
    public Object of(Document document) {
      return function.apply(document);
    }
  }

  /**
   * A document's field where there is one that is called so, which may be of any kind; or else a
   * text.
   */
  record Template(String where, String source, JinjaTemplate template) implements Field {
    @Override
    public Object of(Document document) {
      return isField(document) ? document.fields().get(source) : template.render(document.fields());
    }

    /** Whether it is the name of one of the document's fields. */
    boolean isField(Document document) {
      return document.fields().containsKey(source);
    }
  }
}
