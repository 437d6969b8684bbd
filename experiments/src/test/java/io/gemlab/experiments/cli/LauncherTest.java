package io.gemlab.experiments.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gemlab.experiments.GoldenFiles;
import io.gemlab.experiments.SmallModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./gemlab} in a checkout of its own, with little in the environment; on a stand-in for Java
 * that does what a test says, or on the real one.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class LauncherTest {
  private static final Path ROOT = Path.of("..");
  private static final String OPTIONS = "graph/src/main/resources/io/gemlab/graph/base/process/";

  /** Says how it was called, and does what the file beside it tells. */
  private static final String STAND_IN =
      """
      #!/bin/sh
      echo "pid $$"
      for argument; do echo "[$argument]"; done
      echo "LC_ALL=${LC_ALL-unset} TF_CPP_MIN_LOG_LEVEL=$TF_CPP_MIN_LOG_LEVEL"
      . "$(dirname "$0")/../then"
      """;

  @TempDir Path folder;
  private Path checkout;
  private final Map<String, String> environment = new TreeMap<>();

  @BeforeEach
  void build() throws IOException {
    checkout = Files.createDirectory(folder.resolve("čekaut 模型")).toRealPath();
    copy("gemlab");
    copy("pom.xml");
    copy(OPTIONS + "jvm-options");
    for (String inside : List.of("build", "recipes", "experiments/src/main")) {
      Files.createDirectories(checkout.resolve(inside));
    }
    write("experiments/pom.xml", "");
    write("experiments/target/launch/class-path", System.getProperty("java.class.path") + "\n");
    write("experiments/target/launch/checkout", checkout + "\n");
    run(STAND_IN, "bin/java");
    javaThen("");
    write("experiments/target/launch/java-home", checkout.resolve("jdk") + "\n");
    environment.put("PATH", System.getenv("PATH"));
    environment.put("HOME", System.getProperty("user.home"));
    environment.put("LC_ALL", "C.UTF-8");
  }

  @Test
  void startsJavaAsItself() throws Exception {
    Ended ended = gemlab("logits", "--out", "a b");
    assertEquals(0, ended.exitCode(), ended.err());
    assertTrue(ended.out().contains("pid " + ended.pid()), ended.out());
    assertTrue(ended.out().contains("[--add-modules=jdk.incubator.vector]"), ended.out());
    assertTrue(ended.out().contains("[-XX:+UseSerialGC]"), ended.out());
    assertTrue(
        ended.out().contains("[io.gemlab.experiments.cli.Main]\n[logits]\n[--out]\n[a b]\n"),
        ended.out());
  }

  @ParameterizedTest
  @CsvSource({
    "'ablate --threads 3', 3",
    "'--threads=12 bench', 12",
    "'ablate', ''",
    "'ablate --threads 0', ''",
    "'ablate --threads two', ''",
    "'ablate --threads', ''"
  })
  void javaSeesAsManyProcessorsAsThereAreToBeThreads(String line, String threads) throws Exception {
    String out = gemlab((Object[]) line.split(" ")).out();
    assertTrue(out.contains("[" + line.split(" ")[0] + "]"), out);
    assertEquals(!threads.isEmpty(), out.contains("ActiveProcessorCount"), out);
    assertTrue(
        threads.isEmpty() || out.contains("[-XX:ActiveProcessorCount=" + threads + "]"), out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
  void leavesTheCollectorToTheUser(String variable) throws Exception {
    environment.put(variable, "-Xmx1g -XX:+UseG1GC");
    assertFalse(gemlab("doctor").out().contains("UseSerialGC"));
    environment.put(variable, "-Xmx1g");
    assertTrue(gemlab("doctor").out().contains("UseSerialGC"));
  }

  @ParameterizedTest
  @CsvSource({
    "LC_ALL, POSIX, C.UTF-8",
    "LANG, xx_YY.UTF-8, C.UTF-8",
    "LANG, C.UTF-8, unset",
    "HOME, /, C.UTF-8"
  })
  void characterSetIsUtf8WhereTheLocaleHasNone(String variable, String value, String expected)
      throws Exception {
    environment.remove("LC_ALL");
    environment.put(variable, value);
    Ended ended = gemlab("doctor");
    assertTrue(ended.out().contains("LC_ALL=" + expected + " "), ended.out() + ended.err());
  }

  @Test
  void logsAreShownOnlyIfJavaDies() throws Exception {
    String noise = "echo 'I0000 00:00:17.5 1 a.cc:1] noise' >&2; echo mine >&3;";
    javaThen(noise + "echo 'gemlab ended in order' >&2; exit 1");
    assertEquals("mine\n", gemlab("logits").err());
    assertEquals(1, gemlab("logits").exitCode());
    assertTrue(gemlab("logits", "--verbose").out().contains("TF_CPP_MIN_LOG_LEVEL=0"));

    javaThen(noise + "echo '2026-11-27 14:20:11.9: F x.cc:2] Reason' >&2; kill -ABRT $$");
    Ended aborted = gemlab("logits");
    assertEquals(134, aborted.exitCode());
    assertTrue(aborted.err().startsWith("mine\n"), aborted.err());
    assertTrue(
        aborted.err().endsWith("\n2026-11-27 14:20:11.9: F x.cc:2] Reason\n"), aborted.err());
    assertFalse(aborted.err().contains("noise"), aborted.err());

    javaThen("echo 'WARNING: Using incubator modules' >&2; kill -KILL $$");
    Ended killed = gemlab("logits");
    assertEquals(137, killed.exitCode());
    assertTrue(killed.err().contains("for want of memory"), killed.err());

    javaThen("echo Unrecognized VM option >&2; exit 1");
    assertTrue(gemlab("logits").err().endsWith("\nUnrecognized VM option\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&- 2>&-"})
  void closedDescriptorsAreOpenedForJava(String closed) throws Exception {
    String report = folder.resolve("report").toString();
    javaThen(
        "for one in 0 1 2; do if [ -e /dev/fd/$one ]; then echo $one; fi; done >'%s'"
            .formatted(report));
    run(
        "#!/bin/sh\nexec sh -c \"'%s' logits %s\"\n".formatted(checkout.resolve("gemlab"), closed),
        "closing");
    Process process = new ProcessBuilder(checkout.resolve("jdk/closing").toString()).start();
    assertEquals(0, process.waitFor());
    assertEquals("0\n1\n2\n", Files.readString(Path.of(report)));
  }

  @Test
  void aBadFolderForTemporaryFilesIsNamed() throws Exception {
    Path missing = folder.resolve("missing");
    environment.put("TMPDIR", missing.toString());
    javaThen("echo noise >&2; echo 'gemlab ended in order' >&2; echo TMPDIR=$TMPDIR");
    Ended ended = gemlab("logits");
    assertEquals(
        "gemlab: TMPDIR is %s, no folder that files can be made in; using /tmp\n"
            .formatted(missing),
        ended.err());
    assertTrue(ended.out().endsWith("TMPDIR=/tmp\n"), ended.out());
  }

  /** Every file of the device is full. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void whatCanNotBeWrittenIsSaid() throws Exception {
    write("experiments/target/launch/java-home", System.getProperty("java.home") + "\n");
    String help = "'%s' help".formatted(checkout.resolve("gemlab"));
    Ended full = shell(help + " >/dev/full");
    assertEquals(1, full.exitCode());
    assertEquals(
        "gemlab: writing to standard output failed: No space left on device\n", full.err());
    Ended enough = shell(help + " | head -1");
    assertEquals("", enough.err());
    assertTrue(enough.out().startsWith("Usage: gemlab"), enough.out());
  }

  @Test
  void aMovedCheckoutIsBuiltAgain() throws Exception {
    javaThen("echo 'gemlab ended in order' >&2"); // last words would come late, into the next log
    Path tools = Files.createDirectory(checkout.resolve("tools"));
    run("#!/bin/sh\necho built >&2\nexit 1\n", "mvn", tools);
    environment.put("PATH", tools + File.pathSeparator + environment.get("PATH"));
    assertEquals(0, gemlab("doctor").exitCode());
    write("experiments/target/launch/checkout", folder.resolve("elsewhere") + "\n");
    Ended moved = gemlab("doctor");
    assertEquals(1, moved.exitCode());
    assertTrue(moved.err().startsWith("gemlab: building"), moved.err());
  }

  /** The whole, in a container's environment: text and paths of any script, foreign flags. */
  @Test
  void realCommandsInABareEnvironment() throws Exception {
    write("experiments/target/launch/java-home", System.getProperty("java.home") + "\n");
    environment.remove("LC_ALL");
    environment.put("XLA_FLAGS", "--xla_tpu_new=true");
    environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC");
    Path model = SmallModel.checkpoint(checkout);
    Path out = checkout.resolve("ausgänge.safetensors");
    Ended logits =
        gemlab("logits", "--path", "fused", "--checkpoint", model, "--ids", ids(), "--out", out);
    assertEquals(0, logits.exitCode(), logits.err());
    assertTrue(Files.exists(out), logits.out());
    List<String> lines = logits.err().lines().toList();
    assertEquals(3, lines.size(), logits.err());
    assertTrue(lines.getFirst().contains("does not know --xla_tpu_new=true"), logits.err());
    assertTrue(lines.get(1).startsWith("ran on the fused path"), logits.err());
    assertTrue(lines.getLast().endsWith("choose the graph or the clustered path"), logits.err());

    Ended refused = gemlab("generate", "--checkpoint", checkout.resolve("žádný"), "--prompt", "模");
    assertEquals(2, refused.exitCode());
    assertTrue(refused.err().contains("čekaut 模型/žádný"), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertEquals(0, gemlab("tokenize", "--tokenizer", tokenizer()).exitCode());
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void signalsEndAnAblationInOrder(String signal, int exitCode) throws Exception {
    write("experiments/target/launch/java-home", System.getProperty("java.home") + "\n");
    Path recipe =
        Files.writeString(
            checkout.resolve("recipe.yaml"),
            """
            name: stopped
            question: does it stop?
            preset: tiny
            arms: [{name: control, attention: eager}, {name: other, attention: blockwise}]
            training: {corpus: built-in, seeds: [1, 2], steps: 100000, batch: 2, length: 64}
            """);
    Path out = checkout.resolve("out");
    Process ablation = start("ablate", recipe, "--out", out);
    while (!Files.exists(out.resolve("runs"))) {
      assertFalse(ablation.waitFor(20, TimeUnit.MILLISECONDS), "it ended by itself");
    }
    new ProcessBuilder("kill", "-" + signal, Long.toString(ablation.pid())).start().waitFor();
    Ended ended = ended(ablation);
    assertEquals(exitCode, ended.exitCode(), ended.err());
    assertTrue(ended.err().endsWith("--resume goes on with it\n"), ended.err());
    assertEquals(1, ended.err().split("gemlab: stopped;", -1).length - 1, ended.err());
  }

  private Path ids() throws IOException {
    return SmallModel.ids(checkout);
  }

  private Path tokenizer() throws IOException {
    return Files.copy(
        GoldenFiles.of("tokenizer/tokenizer_tiny.model"), checkout.resolve("tokenizér.model"));
  }

  /**
   * How a call ended.
   *
   * @param exitCode with 128 added to a signal's number
   */
  private record Ended(int exitCode, long pid, String out, String err) {}

  private Ended gemlab(Object... arguments) throws IOException, InterruptedException {
    return ended(start(arguments));
  }

  private Ended shell(String command) throws IOException, InterruptedException {
    return ended(run(List.of("sh", "-c", command)));
  }

  private Process start(Object... arguments) throws IOException {
    // Whoever runs the tests in the background ignores INT, and that is inherited.
    List<String> command = new ArrayList<>();
    if (OS.LINUX.isCurrentOs()) command.addAll(List.of("env", "--default-signal=INT"));
    command.add(checkout.resolve("gemlab").toString());
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return run(command);
  }

  private Process run(List<String> command) throws IOException {
    // To a file: of a pipe, Java drops what others write after the process has ended.
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out().toFile()).redirectError(err().toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Waits for the end of the process, and for the last words that are written after it. */
  private Ended ended(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    int exitCode = process.waitFor();
    for (int i = 0; exitCode != 0 && i < 100 && !saysLastWords(); i++) Thread.sleep(20);
    return new Ended(exitCode, process.pid(), Files.readString(out()), Files.readString(err()));
  }

  private boolean saysLastWords() throws IOException {
    String err = Files.readString(err());
    int at = err.indexOf("last words");
    return at >= 0 && err.endsWith("\n") && err.indexOf('\n', at) < err.length() - 1;
  }

  private Path err() {
    return folder.resolve("err");
  }

  private Path out() {
    return folder.resolve("stdout");
  }

  private void javaThen(String commands) throws IOException {
    write("jdk/then", commands + "\n");
  }

  private void run(String script, String name) throws IOException {
    run(script, name, checkout.resolve("jdk"));
  }

  private static void run(String script, String name, Path parent) throws IOException {
    Path file = parent.resolve(name);
    Files.createDirectories(file.getParent());
    assertTrue(Files.writeString(file, script).toFile().setExecutable(true));
  }

  private void write(String name, String text) throws IOException {
    Path file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void copy(String name) throws IOException {
    Path file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.copy(ROOT.resolve(name), file);
  }
}
