package io.gemlab.graph.base.text.jinja;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import io.gemlab.graph.base.input.InvalidInput;
import java.util.function.Function;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeBuilderException;
import jinjava.de.odysseus.el.tree.TreeStore;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Cache;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.javax.el.ExpressionFactory;

/** Jinjava's expressions with Python's operators. */
final class Expressions extends Jinjava {
  private static final int CACHED_TREES = 1000;

  private final ExpressionFactory factory;
  private JinjavaInterpreter interpreter;

  /**
   * @param variables gives a variable's value by its name; {@link JinjaDialect#undefined} if there
   *     is none
   */
  Expressions(JinjaDialect dialect, Function<String, Object> variables, Budget budget) {
    super(
        JinjavaConfig.newBuilder()
            .withElResolver(new Attributes(dialect))
            .withNestedInterpretationEnabled(false)
            .withLegacyOverrides(
                LegacyOverrides.newBuilder().withUseNaturalOperatorPrecedence(true).build())
            .build());
    Filters.all().forEach(this::registerFilter);
    Tests.all().forEach(this::registerExpTest);
    getGlobalContext().setDynamicVariableResolver(variables::apply);
    this.factory =
        new ExpressionFactoryImpl(
            new TreeStore(new SyntaxBuilder(variables, budget), new Cache(CACHED_TREES)),
            new PythonTruth());
    this.interpreter = newInterpreter();
  }

  @Override
  public ExpressionFactory getExpressionFactory() {
    return factory;
  }

  /**
   * @throws TemplateFault if it can't be evaluated as Jinja2 would
   */
  Object evaluate(String expression) {
    if (expression.isBlank()) throw TemplateFault.of("an expression is empty");
    JinjavaInterpreter.pushCurrent(interpreter);
    try {
      Object value = interpreter.resolveELExpressionSilently(expression);
      if (interpreter.getErrors().isEmpty()) return value;
      TemplateError first = interpreter.getErrors().getFirst();
      interpreter = newInterpreter();
      throw fault(expression, first);
    } catch (RuntimeException e) {
      throw fault(expression, e);
    } finally {
      JinjavaInterpreter.popCurrent();
    }
  }

  private static TemplateFault fault(String expression, TemplateError error) {
    return error.getException() == null
        ? TemplateFault.of(error.getMessage())
        : fault(expression, error.getException());
  }

  private static TemplateFault fault(String expression, Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) innermost = innermost.getCause();
    String problem =
        innermost instanceof TreeBuilderException e
            ? "can't be read, from " + e.getEncountered() + " on"
            : "can't be evaluated (" + innermost.getMessage() + ")";
    return TemplateFault.of("the expression " + InvalidInput.shown(expression) + " " + problem);
  }

  private static final class SyntaxBuilder extends ExtendedSyntaxBuilder {
    private static final long serialVersionUID = 1L;
    private final transient Function<String, Object> variables;
    private final transient Budget budget;

    SyntaxBuilder(Function<String, Object> variables, Budget budget) {
      super(Builder.Feature.METHOD_INVOCATIONS);
      this.variables = variables;
      this.budget = budget;
    }

    @Override
    protected Parser createParser(String expression) {
      return new PythonParser(this, expression, variables, budget);
    }
  }

  private static final class PythonTruth extends TruthyTypeConverter {
    private static final long serialVersionUID = 1L;

    @Override
    protected Boolean coerceToBoolean(Object value) {
      return Values.isTrue(value);
    }
  }
}
