package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.plan.InputModel;
import io.gemlab.graph.base.files.Sha256;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * SHA-256 of the models' files, found while the merge runs: it reads the same files, so what one
 * has read of the disk is in memory for the other.
 */
final class InputHashes implements AutoCloseable {
  private final FutureTask<Map<String, String>> hashes;

  InputHashes(List<InputModel> models) {
    List<Path> files = models.stream().flatMap(model -> model.files().stream()).distinct().toList();
    hashes = new FutureTask<>(() -> of(files));
    Thread thread = new Thread(hashes, "hashes of the models");
    thread.setDaemon(true);
    thread.start();
  }

  private static Map<String, String> of(List<Path> files) {
    Map<String, String> hashes = new TreeMap<>();
    for (Path file : files) hashes.put(file.toString(), Sha256.of(file));
    return hashes;
  }

  /** Waits for them. */
  Map<String, String> byPath() {
    try {
      return hashes.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("stopped", e);
    }
  }

  /** Stops. */
  @Override
  public void close() {
    hashes.cancel(true);
  }
}
