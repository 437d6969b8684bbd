package io.gemlab.tpu.pjrt.compile;

import static io.gemlab.tpu.pjrt.Fields.bytes;
import static io.gemlab.tpu.pjrt.Fields.text;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.tensor.ElementType;
import io.gemlab.graph.base.tensor.TensorShape;
import io.gemlab.tpu.pjrt.MemoryStatistics;
import io.gemlab.tpu.pjrt.OutputSpec;
import io.gemlab.tpu.pjrt.PjrtError;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What a compiling process answers: a program, or the exception that the asker is to meet. */
final class AnswerMessage {
  private static final int COMPILED = 0;
  private static final int INVALID_INPUT = 1;
  private static final int PJRT_ERROR = 2;

  private AnswerMessage() {}

  /** A failure that the caller is to meet as if it had called the compiler itself. */
  static void write(RuntimeException failure, DataOutputStream out) throws IOException {
    if (failure instanceof PjrtError error) {
      out.writeByte(PJRT_ERROR);
      text(error.function(), out);
      out.writeInt(error.code().ordinal());
      text(error.details(), out);
    } else {
      out.writeByte(INVALID_INPUT);
      text(failure.getMessage(), out);
    }
  }

  static void write(CompiledProgram program, DataOutputStream out) throws IOException {
    out.writeByte(COMPILED);
    bytes(program.optimized(), out);
    MemoryStatistics memory = program.memory();
    out.writeLong(memory.generatedCode());
    out.writeLong(memory.argument());
    out.writeLong(memory.output());
    out.writeLong(memory.alias());
    out.writeLong(memory.temp());
    out.writeLong(memory.peak());
    out.writeLong(memory.hostTemp());
    out.writeInt(program.costs().size());
    for (Map.Entry<String, Double> cost : program.costs().entrySet()) {
      text(cost.getKey(), out);
      out.writeDouble(cost.getValue());
    }
    out.writeInt(program.outputs().size());
    for (OutputSpec output : program.outputs()) {
      text(output.type().name(), out);
      out.writeInt(output.shape().rank());
      for (long dimension : output.shape().dimensions()) out.writeLong(dimension);
    }
    text(program.fingerprint().orElse(""), out);
    bytes(program.executable(), out);
    CompiledProgram.Compiler compiler = program.compiler();
    text(compiler.plugin(), out);
    text(compiler.apiVersion(), out);
    text(compiler.platformVersion(), out);
    text(compiler.deviceKind(), out);
    out.writeInt(compiler.numDevices());
    out.writeLong(compiler.deviceMemory().orElse(-1));
    out.writeLong(compiler.time().toNanos());
    out.writeLong(compiler.peakMemory().orElse(-1));
  }

  /**
   * The program.
   *
   * @throws InvalidInput or {@link PjrtError}, whichever was met on the other side
   */
  static CompiledProgram read(DataInputStream in) throws IOException {
    switch (in.readByte()) {
      case INVALID_INPUT -> throw new InvalidInput(text(in));
      case PJRT_ERROR -> {
        String function = text(in);
        throw new PjrtError(function, PjrtError.Code.of(in.readInt()), text(in));
      }
      default -> {}
    }
    byte[] optimized = bytes(in);
    MemoryStatistics memory =
        new MemoryStatistics(
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            in.readLong());
    Map<String, Double> costs = new TreeMap<>();
    for (int i = in.readInt(); i > 0; i--) costs.put(text(in), in.readDouble());
    List<OutputSpec> outputs = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      ElementType type = ElementType.valueOf(text(in));
      long[] shape = new long[in.readInt()];
      for (int d = 0; d < shape.length; d++) shape[d] = in.readLong();
      outputs.add(new OutputSpec(type, TensorShape.of(shape)));
    }
    Optional<String> fingerprint = Optional.of(text(in)).filter(text -> !text.isEmpty());
    byte[] executable = bytes(in);
    return new CompiledProgram(
        optimized,
        memory,
        costs,
        outputs,
        fingerprint,
        executable,
        new CompiledProgram.Compiler(
            text(in),
            text(in),
            text(in),
            text(in),
            in.readInt(),
            known(in.readLong()),
            Duration.ofNanos(in.readLong()),
            known(in.readLong())));
  }

  private static OptionalLong known(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
