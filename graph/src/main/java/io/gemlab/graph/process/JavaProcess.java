package io.gemlab.graph.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another JVM, with the class path and the native access of this one. */
public final class JavaProcess {
  /**
   * What TensorFlow Java and our own native access need of every JVM. JavaCPP would refuse native
   * memory beyond a few times the Java heap, which models are.
   */
  public static final List<String> ACCESS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
          "-Dorg.bytedeco.javacpp.maxBytes=0");

  private JavaProcess() {}

  /**
   * A process that writes both of its outputs to one file.
   *
   * @param options the JVM's own, beside those that all of ours have
   */
  public static ProcessBuilder of(
      Class<?> main, List<String> options, List<String> arguments, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ACCESS);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
  }

  /** The last line of a log that says anything; empty where none does. */
  public static String lastLine(Path log) throws IOException {
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .reduce("", (_, last) -> last);
  }

  /** Ends this process when the one that started it is gone: then its end of the pipe closes. */
  public static void endWithParent() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // The pipe is broken, which says the same.
              }
              Runtime.getRuntime().halt(1);
            });
  }

  /** Whole paths, since the process may work in another folder. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
