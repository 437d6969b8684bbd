package io.gemlab.tpu.hlo.export;

import io.gemlab.graph.base.tensor.TensorSpec;
import io.gemlab.graph.path.session.FusedBody;
import io.gemlab.graph.trace.GraphFunction;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.HloModule.Alias;
import io.gemlab.tpu.hlo.HloShapes;
import io.gemlab.tpu.hlo.proto.ShapeProto;
import java.util.ArrayList;
import java.util.List;

/**
 * From a traced function to the program that XLA is given for it, with nothing optimized yet.
 *
 * <p>The program's parameters are the function's inputs in their order and under their names, state
 * first; its outputs are the function's, results first. A state's next value may take the memory of
 * the state.
 *
 * <p>Memory and time follow the number of nodes, not of parameters: see {@link HloDump}. So a model
 * larger than the machine can be exported.
 */
public final class HloExporter {
  private HloExporter() {}

  /**
   * Exports a function.
   *
   * @throws HloExportException if TensorFlow or XLA refuses it
   */
  public static HloModule export(GraphFunction function) {
    FusedBody body = new FusedBody();
    HloModule dumped =
        CompactProgram.of(DumpProcess.dump(body.graph(function), body.output(function, 0)));
    List<TensorSpec> inputs = function.inputs().stream().map(GraphFunction.Input::spec).toList();
    List<TensorSpec> outputs = function.outputs().stream().map(GraphFunction.Output::spec).toList();
    requireSame(function, "input", inputs, dumped.parameters());
    requireSame(function, "output", outputs, dumped.outputs());
    return dumped
        .withParameterNames(inputs.stream().map(TensorSpec::name).toList())
        .withAliases(aliases(function));
  }

  /** State inputs come first among inputs, and updates last among outputs. */
  private static List<Alias> aliases(GraphFunction function) {
    List<String> state = function.state().stream().map(input -> input.spec().name()).toList();
    List<Alias> aliases = new ArrayList<>();
    int output = function.results().size();
    for (GraphFunction.Output update : function.updates()) {
      aliases.add(new Alias(output++, state.indexOf(update.spec().name())));
    }
    return aliases;
  }

  private static void requireSame(
      GraphFunction function, String what, List<TensorSpec> traced, List<ShapeProto> dumped) {
    List<String> wanted = traced.stream().map(HloShapes::text).toList();
    List<String> got = dumped.stream().map(HloShapes::text).toList();
    if (got.equals(wanted)) return;
    int first = 0;
    while (first < Math.min(got.size(), wanted.size()) && got.get(first).equals(wanted.get(first)))
      first++;
    throw new HloExportException(
        "XLA changed the signature of "
            + function.name()
            + ": "
            + what
            + " "
            + first
            + (first < traced.size() ? ", " + traced.get(first) + "," : "")
            + " is "
            + (first < got.size() ? got.get(first) : "absent"));
  }
}
