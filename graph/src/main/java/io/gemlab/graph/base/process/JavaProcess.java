package io.gemlab.graph.base.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Another JVM, with the class path of this one and the options that all of ours have. */
public final class JavaProcess {
  /** Where a user chooses options for every JVM; a child inherits them. */
  private static final List<String> VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** What the JVM and TensorFlow log, whether something is wrong or not. */
  private static final Pattern NOISE =
      Pattern.compile(
          "(?:WARNING: (?:Using incubator modules|All log messages)|(?:NOTE: )?Picked up "
              + "|[IWE]\\d{4} |[-\\d]+ [\\d:.]+: [IWE] |\\*\\*\\* Check failure stack trace"
              // A cached program is tried as text first, and is none.
              + "|\\[libprotobuf ERROR .*XlaSerializedCacheEntry| +@ +0x| *#).*");

  /** Before the words of a fatal log line, which are why a process aborted. */
  private static final Pattern FATAL =
      Pattern.compile("^(?:F\\d{4} [\\d:.]+ +\\d+|[-\\d]+ [\\d:.]+: F) [^\\]]*\\] *");

  private static final String PROCESSORS = "-XX:ActiveProcessorCount=";

  private JavaProcess() {}

  /**
   * What every JVM of Gemlab's is started with: the lines of {@code jvm-options}, but its collector
   * where the environment chooses one, since Java takes no two.
   */
  public static List<String> options() {
    boolean chosen =
        VARIABLES.stream()
            .map(System::getenv)
            .anyMatch(options -> options != null && options.matches("(?s).*-XX:\\+Use\\w+GC\\b.*"));
    try (InputStream file = JavaProcess.class.getResourceAsStream("jvm-options")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith("-"))
          .filter(option -> !(chosen && option.endsWith("GC")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("reading jvm-options", e);
    }
  }

  /**
   * A process that writes both of its outputs to one file.
   *
   * @param options of this JVM alone
   */
  public static ProcessBuilder of(
      Class<?> main, List<String> options, List<String> arguments, Path log) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options());
    command.addAll(processors());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    // As the user set it. Unasked for, Java hands on what native code has made of it meanwhile.
    builder.environment();
    return builder;
  }

  /** An option for a JVM that is to see, and so to compute with, so many processors. */
  public static String processors(int count) {
    return PROCESSORS + count;
  }

  /** How many processors this JVM was told to see, as an option for another. */
  private static List<String> processors() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith(PROCESSORS))
        .toList();
  }

  /** Whether a line is what the JVM and TensorFlow log, be something wrong or not. */
  public static boolean isNoise(String line) {
    return NOISE.matcher(line).matches();
  }

  /** The last line of a log that says what a process meant to say; empty where none does. */
  public static String lastLine(Path log) throws IOException {
    return lastLine(new String(Files.readAllBytes(log), StandardCharsets.UTF_8));
  }

  /** The last line of a log, as {@link #lastLine(Path)}. */
  public static String lastLine(String log) {
    return log.lines()
        .filter(line -> !line.isBlank() && !isNoise(line))
        .map(line -> FATAL.matcher(line).replaceFirst(""))
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
