package io.gemlab.graph.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gemlab.graph.base.process.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * How many threads TensorFlow has is how many processors Java sees, in children of children too.
 */
class ThreadsTest {
  @TempDir Path folder;

  /** Says how many threads a session brought, once in a process of its own. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      if (arguments.length > 0) {
        Path log = Path.of(arguments[0]);
        JavaProcess.of(Child.class, List.of(), List.of(), log).start().waitFor();
        System.out.println(JavaProcess.lastLine(log));
        return;
      }
      NativeRuntime.ensure();
      try (Graph graph = new Graph()) {
        Ops tf = Ops.create(graph);
        var two = tf.math.add(tf.constant(1f), tf.constant(1f));
        long before = threads();
        try (Session session = new Session(graph);
            var _ = session.runner().fetch(two).run()) {
          System.out.println(threads() - before);
        }
      }
    }

    private static long threads() throws IOException {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return tasks.count();
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aSessionHasAThreadForEachProcessor() throws Exception {
    NativeRuntime.ensure(); // sets this process's own number, which is none of theirs
    long few = grandchild(2);
    assertEquals(2 * 7, grandchild(9) - few, "7 more in each of two pools");
  }

  private long grandchild(int processors) throws IOException, InterruptedException {
    Path log = folder.resolve("log" + processors);
    List<String> options = List.of("-XX:ActiveProcessorCount=" + processors);
    List<String> inner = List.of(folder.resolve("inner").toString());
    assertEquals(0, JavaProcess.of(Child.class, options, inner, log).start().waitFor());
    return Long.parseLong(JavaProcess.lastLine(log));
  }
}
