package io.gemlab.graph.trace;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.runtime.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/** The two functions that a loop runs: both take the iteration's number, then all of its values. */
final class LoopFunctions {
  private LoopFunctions() {}

  /** The next iteration's number, and the next values; what is held stays. */
  static GraphFunction body(
      String name, List<Operand<?>> values, int carried, Trace.Iteration iteration) {
    try (Trace inside = new Trace(name)) {
      List<Operand<?>> given = arguments(inside, values);
      Operand<TInt32> number = number(given);
      List<Operand<?>> held = given.subList(1 + carried, given.size());
      List<Operand<?>> next = new ArrayList<>();
      next.add(inside.ops().math.add(number, inside.ops().constant(1)));
      next.addAll(iteration.build(inside, number, given.subList(1, 1 + carried), held));
      next.addAll(held);
      for (int i = 0; i < next.size(); i++) inside.result("value" + i, next.get(i));
      GraphFunction body = inside.finish();
      requireSame(body);
      return body;
    }
  }

  /** Whether the iteration's number is below {@code tripCount}. */
  static GraphFunction condition(String name, List<Operand<?>> values, int tripCount) {
    try (Trace inside = new Trace(name)) {
      Operand<TInt32> number = number(arguments(inside, values));
      inside.result("more", inside.ops().math.less(number, inside.ops().constant(tripCount)));
      return inside.finish();
    }
  }

  /** A function as a node names it. */
  static AttrValue attribute(GraphFunction function) {
    return AttrValue.newBuilder()
        .setFunc(NameAttrList.newBuilder().setName(function.name()))
        .build();
  }

  private static List<Operand<?>> arguments(Trace inside, List<Operand<?>> values) {
    List<Operand<?>> arguments = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      arguments.add(argument(inside, "value" + i, values.get(i)));
    }
    return arguments;
  }

  private static <T extends TType> Operand<T> argument(Trace inside, String name, Operand<T> like) {
    return inside.argument(name, like.type(), Tensors.shape(like.shape()));
  }

  private static Operand<TInt32> number(List<Operand<?>> arguments) {
    return arguments.getFirst().asOutput().expect(TInt32.class);
  }

  private static void requireSame(GraphFunction body) {
    List<TensorSpec> before = body.argumentSpecs();
    List<TensorSpec> after = body.results().stream().map(GraphFunction.Output::spec).toList();
    if (!before.equals(after)) {
      throw new IllegalArgumentException(
          body.name() + " carries " + before + " into an iteration and " + after + " out of it");
    }
  }
}
