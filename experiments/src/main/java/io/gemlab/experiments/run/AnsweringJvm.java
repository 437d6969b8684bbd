package io.gemlab.experiments.run;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gemlab.graph.base.process.JavaProcess;
import io.gemlab.reports.record.RunRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A JVM of its own that answers requests, a line of text each, by records, and waits between them
 * without taking any time of the processors.
 */
public final class AnsweringJvm implements AutoCloseable {
  /** Tells an answer from what libraries write to the same output. */
  private static final String ANSWER = "gemlab-answer:";

  private final Path log;
  private final Process process;
  private final Writer requests;

  /** An empty one is the end. */
  private final BlockingQueue<Optional<RunRecord>> answers = new LinkedBlockingQueue<>();

  /** A child ended, though it was asked something. */
  public static final class EndedException extends Exception {
    private static final long serialVersionUID = 1;
    private final transient ChildJvm.Ended ended;

    EndedException(ChildJvm.Ended ended) {
      super(ended.reason());
      this.ended = ended;
    }

    public ChildJvm.Ended ended() {
      return ended;
    }
  }

  /**
   * Starts one. It ends when it is closed, when this process ends, or when its work fails.
   *
   * @param main whose main method calls {@link #answer}
   * @param options of its JVM, besides those that all of ours have
   */
  public AnsweringJvm(Class<?> main, List<String> options, List<String> arguments) {
    List<String> all = Stream.concat(ChildJvm.OPTIONS.stream(), options.stream()).toList();
    try {
      log = ChildLogs.create();
      process =
          JavaProcess.of(main, all, arguments, log)
              .redirectErrorStream(false)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectOutput(ProcessBuilder.Redirect.PIPE)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + main.getSimpleName(), e);
    }
    requests = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("answers").start(this::read);
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        int answer = line.indexOf(ANSWER);
        if (answer < 0) {
          Files.writeString(log, line + "\n", StandardOpenOption.APPEND);
        } else {
          byte[] bytes = Base64.getDecoder().decode(line.substring(answer + ANSWER.length()));
          answers.add(Optional.of(RunRecord.parseFrom(bytes)));
        }
      }
    } catch (InvalidProtocolBufferException broken) {
      throw new IllegalStateException("an answer can't be read", broken);
    } catch (IOException closed) {
      // The child is gone, or the log, which goes after it.
    } finally {
      answers.add(Optional.empty());
    }
  }

  /** The process's number. */
  public long pid() {
    return process.pid();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws EndedException if the child ended instead
   */
  public RunRecord ask(String request) throws InterruptedException, EndedException {
    try {
      requests.write(request + "\n");
      requests.flush();
    } catch (IOException gone) {
      throw ended();
    }
    Optional<RunRecord> answer = answers.take();
    if (answer.isPresent()) return answer.get();
    throw ended();
  }

  private EndedException ended() throws InterruptedException {
    try {
      return new EndedException(new ChildJvm.Ended(process.waitFor(), JavaProcess.lastLine(log)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + log, e);
    }
  }

  /** Ends it. */
  @Override
  public void close() {
    try {
      // Its memory must be free before another child counts on it.
      process.destroyForcibly().onExit().join();
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + log, e);
    }
  }

  /** The child's side: answers what is asked until nobody is there to ask. */
  public static void answer(Function<String, RunRecord> work) {
    PrintStream output = System.out;
    System.setOut(System.err);
    BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    // A thread of its own, so that the end of the other process ends the work too.
    Thread.ofPlatform()
        .daemon()
        .name("requests")
        .start(
            () -> {
              new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                  .lines()
                  .forEach(requests::add);
              Runtime.getRuntime().halt(1);
            });
    ChildJvm.end(
        () -> {
          try {
            while (true) {
              byte[] record = work.apply(requests.take()).toByteArray();
              output.println(ANSWER + Base64.getEncoder().encodeToString(record));
              output.flush();
            }
          } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
          }
        });
  }
}
