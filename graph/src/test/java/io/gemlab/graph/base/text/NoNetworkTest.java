package io.gemlab.graph.base.text;

import static io.gemlab.graph.TestFiles.resource;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opening a tokenizer asks nothing of the network. DJL tries once a process, so each kind is opened
 * in a Java of its own, in which every URL that is connected to is printed.
 */
class NoNetworkTest {
  @TempDir Path folder;

  @Test
  void aSentencePieceModelIsOpenedOffline() throws IOException, InterruptedException {
    assertOffline(resource("tokenizer/tokenizer_tiny.model"));
  }

  @Test
  void aTokenizerJsonIsOpenedOffline() throws IOException, InterruptedException {
    assertOffline(
        Files.writeString(
            folder.resolve("tokenizer.json"),
            "{\"version\": \"1.0\", \"model\": {\"type\": \"Unigram\", \"unk_id\": 0,"
                + " \"vocab\": [[\"<unk>\", 0.0], [\"a\", -1.0]]}}"));
  }

  private static void assertOffline(Path tokenizer) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Opening.class.getName(),
                    tokenizer.toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor());
    assertEquals("opened\n", output);
  }

  /** What the other Java runs. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] args) {
      URL.setURLStreamHandlerFactory(
          protocol -> protocol.startsWith("http") ? new Refusing() : null);
      try (Tokenizer tokenizer = Tokenizers.open(Path.of(args[0]))) {
        tokenizer.encode("a");
        System.out.println("opened");
      }
    }
  }

  private static final class Refusing extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      System.out.println("connecting to " + url);
      throw new IOException("There is no network in this test");
    }

    @Override
    protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
      return openConnection(url);
    }
  }
}
