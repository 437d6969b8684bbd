package io.gemlab.tpu.hlo.export;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.tpu.hlo.HloModule;
import io.gemlab.tpu.hlo.proto.HloProto;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.tensorflow.proto.GraphDef;

/** The child process that has XLA dump a program; it is ended as soon as the file is whole. */
final class DumpProcess {
  private static final String DUMPED = ".before_optimizations.hlo.pb";
  private static final int POLL_MILLISECONDS = 20;

  private DumpProcess() {}

  /**
   * Has XLA dump the function that a graph calls.
   *
   * @param graph a call, and placeholders for what it takes
   * @param call the node
   */
  static HloModule dump(GraphDef graph, String call) {
    try {
      Path folder = Files.createTempDirectory("gemlab-hlo");
      try {
        Path definition = folder.resolve("graph.pb");
        Files.write(definition, graph.toByteArray());
        return new HloModule(run(folder, definition, call).getHloModule());
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new HloExportException("the HLO export's files can't be written: check the disk", e);
    }
  }

  private static HloProto run(Path folder, Path definition, String call) throws IOException {
    Path log = folder.resolve("log");
    Process child = start(folder, definition, call, log);
    try {
      boolean running = true;
      while (running) {
        running = !child.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS);
        Optional<HloProto> dumped = dumped(folder);
        if (dumped.isPresent()) return dumped.get();
      }
      throw new HloExportException(
          "the HLO export ended without a program; its last words: " + JavaProcess.lastLine(log));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HloExportException("the HLO export was interrupted", e);
    } finally {
      child.destroyForcibly().onExit().join();
    }
  }

  private static Process start(Path folder, Path definition, String call, Path log)
      throws IOException {
    ProcessBuilder builder =
        JavaProcess.of(HloDump.class, List.of("-Xmx1g"), List.of(definition.toString(), call), log);
    Map<String, String> environment = builder.environment();
    environment.put("XLA_FLAGS", "--xla_dump_hlo_as_proto --xla_dump_to=" + folder);
    environment.put("TF_ENABLE_ONEDNN_OPTS", "0"); // oneDNN's allocator refuses more than the RAM
    environment.put("TF_CPP_MIN_LOG_LEVEL", "2");
    return builder.start();
  }

  /** The program, once the file holds all that its first bytes announce. */
  private static Optional<HloProto> dumped(Path folder) throws IOException {
    File[] found = folder.toFile().listFiles((parent, name) -> name.endsWith(DUMPED));
    if (found.length == 0) return Optional.empty();
    byte[] bytes = Files.readAllBytes(found[0].toPath());
    try {
      CodedInputStream start = CodedInputStream.newInstance(bytes);
      int tag = start.readTag();
      int length = start.readRawVarint32();
      boolean module =
          WireFormat.getTagFieldNumber(tag) == HloProto.HLO_MODULE_FIELD_NUMBER
              && start.getTotalBytesRead() + length <= bytes.length;
      return module ? Optional.of(HloProto.parseFrom(bytes)) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty(); // not even the first bytes yet
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) Files.delete(file);
    }
    Files.delete(folder);
  }
}
