package io.gemlab.graph.base.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.javax.el.ELContext;

/** Python's operators on what templates compute with; what has none of them is refused. */
record Operators(Budget budget) {
  /** Gives the operand that decided, as Python does. */
  static final AstBinary.Operator AND =
      (bindings, context, left, right) -> {
        Object value = left.eval(bindings, context);
        return Values.isTrue(value) ? right.eval(bindings, context) : value;
      };

  /** An operator that takes both operands' values. */
  @FunctionalInterface
  interface OfValues extends AstBinary.Operator {
    Object apply(Object a, Object b);

    @Override
    default Object eval(Bindings bindings, ELContext context, AstNode left, AstNode right) {
      return apply(left.eval(bindings, context), right.eval(bindings, context));
    }
  }

  Object add(Object a, Object b) {
    if (a instanceof String left && b instanceof String right) return join(left, right);
    if (a instanceof List<?> left && b instanceof List<?> right) {
      budget.make((long) left.size() + right.size());
      List<Object> both = new ArrayList<>(left);
      both.addAll(right);
      return both;
    }
    if (Values.isInteger(a) && Values.isInteger(b)) {
      return Math.addExact(Values.integer(a), Values.integer(b));
    }
    throw TemplateFault.of(Values.kind(b) + " is added to " + Values.kind(a));
  }

  /** {@code ~}, which makes texts of its operands. */
  Object concat(Object a, Object b) {
    return join(Values.text(a), Values.text(b));
  }

  private String join(String left, String right) {
    budget.make((long) left.length() + right.length());
    return left + right;
  }

  static boolean isIn(Object item, Object container) {
    return switch (container) {
      case String text -> text.contains(Values.string(item, "in"));
      case List<?> list -> list.stream().anyMatch(element -> Values.areEqual(item, element));
      case Map<?, ?> map -> item instanceof String && map.containsKey(item);
      case null -> false; // as Jinja2's Undefined
      default -> throw TemplateFault.of("something is looked for in " + Values.kind(container));
    };
  }

  static OfValues integers(BinaryOperator<Long> operator) {
    return (a, b) -> operator.apply(Values.integer(a), Values.integer(b));
  }

  static Object floorDivide(Object a, Object b) {
    return Math.floorDiv(Values.integer(a), nonZero(b));
  }

  static Object modulo(Object a, Object b) {
    return Math.floorMod(Values.integer(a), nonZero(b));
  }

  private static long nonZero(Object value) {
    long number = Values.integer(value);
    if (number == 0) throw TemplateFault.of("an integer is divided by zero");
    return number;
  }

  static OfValues comparison(IntPredicate holds) {
    return (a, b) ->
        a instanceof String left && b instanceof String right
            ? holds.test(left.compareTo(right))
            : holds.test(Long.compare(Values.integer(a), Values.integer(b)));
  }
}
