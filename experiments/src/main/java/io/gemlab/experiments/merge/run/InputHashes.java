package io.gemlab.experiments.merge.run;

import io.gemlab.experiments.merge.plan.InputModel;
import io.gemlab.graph.base.files.Sha256;
import io.gemlab.graph.base.input.InvalidInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * SHA-256 of the models' files, found while the merge runs. A piece of each model is read in turn,
 * as the merge reads them but ahead of it and in the order of the disk: what one has read of it is
 * in memory for the other.
 */
final class InputHashes implements AutoCloseable {
  private static final int PIECE = 4 << 20;

  private final FutureTask<Map<String, String>> hashes;

  InputHashes(List<InputModel> models) {
    Set<Path> seen = new HashSet<>();
    List<List<Path>> files =
        models.stream().map(model -> model.files().stream().filter(seen::add).toList()).toList();
    hashes = new FutureTask<>(() -> of(files));
    Thread thread = new Thread(hashes, "hashes of the models");
    thread.setDaemon(true);
    thread.start();
  }

  private static Map<String, String> of(List<List<Path>> models) {
    Map<String, String> hashes = new TreeMap<>();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    Deque<Model> turns = new ArrayDeque<>();
    try {
      for (List<Path> files : models) turns.add(new Model(files, hashes));
      while (!turns.isEmpty()) {
        Model next = turns.remove();
        if (next.read(piece)) turns.add(next);
      }
      return hashes;
    } finally {
      turns.forEach(Model::close);
    }
  }

  /** One model's files, read one after the other. */
  private static final class Model implements AutoCloseable {
    private final Deque<Path> files;
    private final Map<String, String> hashes;
    private Sha256.Pieces digest;
    private FileChannel open;

    Model(List<Path> files, Map<String, String> hashes) {
      this.files = new ArrayDeque<>(files);
      this.hashes = hashes;
    }

    /** Reads a piece of the file at hand; false where there is none left. */
    boolean read(ByteBuffer piece) {
      if (files.isEmpty()) return false;
      Path file = files.getFirst();
      try {
        if (open == null) {
          open = FileChannel.open(file);
          digest = new Sha256.Pieces();
        }
        if (open.read(piece.clear()) >= 0) {
          digest.add(piece.flip());
          return true;
        }
      } catch (IOException e) {
        throw InvalidInput.unreadable(file, e);
      }
      hashes.put(file.toString(), digest.hex());
      close();
      files.removeFirst();
      return true;
    }

    @Override
    public void close() {
      if (open == null) return;
      try {
        open.close();
      } catch (IOException e) {
        throw InvalidInput.unreadable(files.getFirst(), e);
      }
      open = null;
    }
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
