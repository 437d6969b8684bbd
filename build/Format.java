import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The build's formatter: {@code check} or {@code apply} google-java-format to every Java file of
 * the tree.
 */
class Format {
  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<Path> unformatted = new ArrayList<>();
    for (Path file : sources(root)) {
      String source = Files.readString(file);
      String formatted = formatted(source, file);
      if (formatted.equals(source)) continue;
      unformatted.add(root.relativize(file));
      if (apply) Files.writeString(file, formatted);
    }
    if (unformatted.isEmpty()) return;
    System.out.println((apply ? "Formatted: " : "Not formatted: ") + unformatted);
    if (apply) return;
    System.out.println("Run `mvn -q process-sources -N -Dformat=apply` to format them.");
    System.exit(1);
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().matches("(.*/)?(target|out)/.*"))
          .sorted()
          .toList();
    }
  }

  private static String formatted(String source, Path file) throws Exception {
    try {
      String tidy = RemoveUnusedImports.removeUnusedImports(source);
      return new Formatter().formatSource(ImportOrderer.reorderImports(tidy, Style.GOOGLE));
    } catch (Exception e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
