package io.gemlab.graph.base.text.jinja;

import io.gemlab.graph.base.input.InvalidInput;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Writes a template, as often as it is asked, once at a time. */
final class Rendering {
  private static final long LONGEST_RANGE = 100_000;

  /** Variables, and where those are looked for that aren't among them. */
  private record Scope(Map<String, Object> variables, Scope outer) {
    Scope(Scope outer) {
      this(new HashMap<>(), outer);
    }

    Object get(String name) {
      if (variables.containsKey(name)) return variables.get(name);
      return outer == null ? null : outer.get(name);
    }
  }

  /** How a body ended. */
  private enum Flow {
    ON,
    CONTINUE,
    BREAK
  }

  /** An object whose attributes {@code set} changes from within a loop. */
  private static final class Namespace extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1L;
  }

  private final Budget budget = new Budget();
  private final JinjaDialect dialect;
  private final Expressions expressions;
  private Scope template;
  private Scope scope;
  private int line;

  Rendering(JinjaDialect dialect) {
    this.dialect = dialect;
    this.expressions = new Expressions(dialect, this::variable, budget);
  }

  private Object variable(String name) {
    Object value = scope.get(name);
    return value == null ? dialect.undefined() : value;
  }

  /** The line that was written last. */
  int line() {
    return line;
  }

  /**
   * @throws TemplateFault if Jinja2 would refuse too, or what Jinja2 would write isn't known
   */
  String render(List<Statement> statements, Map<String, ?> variables) {
    budget.begin();
    template = new Scope(null);
    template.variables().put("none", Values.NONE);
    template.variables().put("None", Values.NONE);
    template.variables().put("namespace", (Callable) Rendering::namespace);
    template.variables().put("range", (Callable) Rendering::range);
    if (dialect == JinjaDialect.CHAT) {
      template.variables().put("raise_exception", (Callable) Rendering::raise);
      template.variables().put("strftime_now", (Callable) Rendering::now);
      // As Hugging Face gives them where there are none.
      template.variables().put("tools", Values.NONE);
      template.variables().put("documents", Values.NONE);
    }
    template.variables().putAll(variables);
    scope = template;
    return render(statements);
  }

  private String render(List<Statement> statements) {
    StringBuilder out = new StringBuilder();
    run(statements, out);
    return out.toString();
  }

  private Flow run(List<Statement> statements, StringBuilder out) {
    for (Statement statement : statements) {
      line = statement.line();
      Flow flow = run(statement, out);
      if (flow != Flow.ON) return flow;
    }
    return Flow.ON;
  }

  private Flow run(Statement statement, StringBuilder out) {
    switch (statement) {
      case Statement.Text text -> write(text.text(), out);
      case Statement.Output output -> write(Values.text(evaluate(output.expression())), out);
      case Statement.If branches -> {
        return choose(branches, out);
      }
      case Statement.For loop -> loop(loop, out);
      case Statement.Set set -> assign(set.target(), evaluate(set.expression()));
      case Statement.SetBlock set -> assign(set.target(), inScope(new Scope(scope), set.body()));
      case Statement.Macro macro -> scope.variables().put(macro.name(), callable(macro));
      case Statement.Generation generation ->
          write(inScope(new Scope(scope), generation.body()), out);
      case Statement.Jump jump -> {
        return jump.ends() ? Flow.BREAK : Flow.CONTINUE;
      }
    }
    return Flow.ON;
  }

  private Object evaluate(String expression) {
    budget.step();
    Object value = expressions.evaluate(expression);
    if (value == Values.MISSING || value == null && dialect.undefined() != null) {
      throw TemplateFault.of(
          "the expression " + InvalidInput.shown(expression) + " is undefined: no such field");
    }
    return value;
  }

  private void write(String text, StringBuilder out) {
    budget.make((long) out.length() + text.length());
    out.append(text);
  }

  private Flow choose(Statement.If branches, StringBuilder out) {
    for (Statement.Branch branch : branches.branches()) {
      line = branch.line();
      if (branch.condition().isEmpty() || Values.isTrue(evaluate(branch.condition().get()))) {
        return run(branch.body(), out);
      }
    }
    return Flow.ON;
  }

  private void loop(Statement.For loop, StringBuilder out) {
    List<Object> elements = elements(loop);
    Scope outer = scope;
    try {
      Flow flow = Flow.ON;
      for (int i = 0; i < elements.size() && flow != Flow.BREAK; i++) {
        scope = new Scope(outer);
        bind(loop.names(), elements.get(i));
        scope.variables().put("loop", position(elements, i));
        flow = run(loop.body(), out);
      }
    } finally {
      scope = outer;
    }
    if (elements.isEmpty()) run(loop.otherwise(), out);
  }

  /** What a loop goes over, without what its condition leaves out. */
  private List<Object> elements(Statement.For loop) {
    List<Object> kept = new ArrayList<>();
    Scope outer = scope;
    try {
      for (Object element : elements(evaluate(loop.iterable()))) {
        if (loop.condition().isPresent()) {
          scope = new Scope(outer);
          bind(loop.names(), element);
          if (!Values.isTrue(evaluate(loop.condition().get()))) continue;
        }
        kept.add(element);
      }
    } finally {
      scope = outer;
    }
    return kept;
  }

  private static List<Object> elements(Object iterable) {
    return switch (iterable) {
      case null -> List.of(); // as Jinja2's Undefined
      case List<?> list -> new ArrayList<>(list);
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case String text -> new ArrayList<>(PythonText.characters(text));
      default -> throw TemplateFault.unsupported("a loop over " + Values.kind(iterable));
    };
  }

  private void bind(List<String> names, Object element) {
    budget.step();
    if (names.size() == 1) {
      scope.variables().put(names.getFirst(), element);
      return;
    }
    if (!(element instanceof List<?> parts) || parts.size() != names.size()) {
      throw TemplateFault.of(
          Values.kind(element) + " is no list of " + names.size() + " for the loop's names");
    }
    for (int i = 0; i < names.size(); i++) scope.variables().put(names.get(i), parts.get(i));
  }

  /** What {@code loop} is. */
  private static Map<String, Object> position(List<Object> elements, int index) {
    int size = elements.size();
    Map<String, Object> loop = new HashMap<>();
    loop.put("index", index + 1);
    loop.put("index0", index);
    loop.put("revindex", size - index);
    loop.put("revindex0", size - index - 1);
    loop.put("first", index == 0);
    loop.put("last", index == size - 1);
    loop.put("length", size);
    if (index > 0) loop.put("previtem", elements.get(index - 1));
    if (index < size - 1) loop.put("nextitem", elements.get(index + 1));
    return loop;
  }

  private void assign(Statement.Target target, Object value) {
    if (target.namespace().isEmpty()) {
      scope.variables().put(target.name(), value);
    } else if (scope.get(target.namespace().get()) instanceof Namespace namespace) {
      namespace.put(target.name(), value);
    } else {
      throw TemplateFault.of(target.namespace().get() + " is no namespace");
    }
  }

  private String inScope(Scope inner, List<Statement> body) {
    Scope outer = scope;
    scope = inner;
    try {
      return render(body);
    } finally {
      scope = outer;
    }
  }

  /** A macro sees the template's variables and its own, not its caller's. */
  private Callable callable(Statement.Macro macro) {
    List<String> names = macro.parameters().stream().map(Statement.Parameter::name).toList();
    return arguments -> {
      Map<String, Object> given = arguments.bind("the macro " + macro.name(), names);
      Scope outer = scope;
      int from = line;
      budget.enterMacro();
      scope = new Scope(template);
      try {
        for (Statement.Parameter parameter : macro.parameters()) {
          Optional<String> preset = parameter.preset();
          Object value =
              given.containsKey(parameter.name()) || preset.isEmpty()
                  ? given.get(parameter.name())
                  : evaluate(preset.get());
          scope.variables().put(parameter.name(), value);
        }
        return render(macro.body());
      } finally {
        scope = outer;
        line = from;
        budget.leaveMacro();
      }
    };
  }

  private static Object raise(Arguments arguments) {
    throw TemplateFault.raised(
        Values.text(arguments.bind("raise_exception", List.of("message")).get("message")));
  }

  private static Object now(Arguments arguments) {
    Object format = arguments.bind("strftime_now", List.of("format")).get("format");
    return Strftime.format(Values.string(format, "strftime_now"), LocalDateTime.now());
  }

  private static Object namespace(Arguments arguments) {
    if (!arguments.byPlace().isEmpty()) {
      throw TemplateFault.unsupported("namespace() with an argument without a name");
    }
    Namespace namespace = new Namespace();
    namespace.putAll(arguments.byName());
    return namespace;
  }

  private static Object range(Arguments arguments) {
    List<Object> given = arguments.byPlace();
    if (!arguments.byName().isEmpty() || given.isEmpty() || given.size() > 2) {
      throw TemplateFault.unsupported("range() with other than one or two arguments");
    }
    long begin = given.size() == 1 ? 0 : Values.integer(given.getFirst());
    long end = Values.integer(given.getLast());
    if (end - begin > LONGEST_RANGE) {
      throw TemplateFault.of("a range has over " + LONGEST_RANGE + " numbers");
    }
    return LongStream.range(begin, end).boxed().map(Object.class::cast).toList();
  }
}
