package io.gemlab.tpu.pjrt;

import com.google.protobuf.CodedOutputStream;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a program is spread over devices.
 *
 * @param numReplicas copies of the program that don't share a tensor
 * @param numPartitions devices that one copy is partitioned over, along its sharding annotations
 * @param deviceIds where each goes: the device of partition p of replica r stands at r *
 *     numPartitions + p
 * @param outputSharding who decides how the outputs are partitioned
 */
public record CompileOptions(
    int numReplicas, int numPartitions, List<Integer> deviceIds, OutputSharding outputSharding) {

  /** How the outputs of a partitioned program lie. */
  public enum OutputSharding {
    /** As the program says; replicated where it says nothing. */
    AS_ANNOTATED,
    /** As it suits the compiler where the program says nothing. */
    PROPAGATED
  }

  public CompileOptions {
    deviceIds = List.copyOf(deviceIds);
    if (numReplicas < 1 || numPartitions < 1) {
      throw new InvalidInput(
          "%d replicas of %d partitions: both must be at least 1"
              .formatted(numReplicas, numPartitions));
    }
    long devices = Math.multiplyExact((long) numReplicas, numPartitions);
    if (deviceIds.size() != devices || new HashSet<>(deviceIds).size() != devices) {
      throw new InvalidInput(
          "%d replicas of %d partitions need %d different devices, and got %s"
              .formatted(numReplicas, numPartitions, devices, deviceIds));
    }
  }

  /** One program over devices 0 to n-1, of 1 all of it; its outputs as it annotates them. */
  public static CompileOptions partitioned(int numPartitions) {
    return new CompileOptions(
        1,
        numPartitions,
        IntStream.range(0, numPartitions).boxed().toList(),
        OutputSharding.AS_ANNOTATED);
  }

  /**
   * The bytes of a {@code CompileOptionsProto}.
   *
   * @see <a
   *     href="https://github.com/openxla/xla/blob/main/xla/pjrt/proto/compile_options.proto">the
   *     fields' numbers</a>
   */
  byte[] encode() {
    return message(
        options -> options.writeByteArray(3, message(this::writeExecutableBuildOptions)));
  }

  private void writeExecutableBuildOptions(CodedOutputStream build) throws IOException {
    build.writeInt64(1, -1); // device_ordinal: none
    build.writeInt64(4, numReplicas);
    build.writeInt64(5, numPartitions);
    if (deviceIds.size() == 1) return;
    if (numPartitions > 1) build.writeBool(6, true); // use_spmd_partitioning
    build.writeByteArray(9, message(this::writeDeviceAssignment));
    if (outputSharding == OutputSharding.PROPAGATED) {
      build.writeBool(12, true); // allow_spmd_sharding_propagation_to_output
    }
  }

  private void writeDeviceAssignment(CodedOutputStream assignment) throws IOException {
    assignment.writeInt32(1, numReplicas);
    assignment.writeInt32(2, numPartitions);
    for (int partition = 0; partition < numPartitions; partition++) {
      int first = partition;
      assignment.writeByteArray(
          3,
          message(
              computation -> {
                for (int replica = 0; replica < numReplicas; replica++) {
                  computation.writeInt64(1, deviceIds.get(replica * numPartitions + first));
                }
              }));
    }
  }

  private interface Fields {
    void write(CodedOutputStream output) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream output = CodedOutputStream.newInstance(bytes);
      fields.write(output);
      output.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
