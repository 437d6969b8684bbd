import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells the launcher which JDK the build's toolchain is: writes its home to a file. */
class JavaHome {
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    Files.writeString(file, System.getProperty("java.home") + "\n");
  }
}
