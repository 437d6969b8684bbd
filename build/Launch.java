import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells the launcher which checkout was built, and which JDK the build's toolchain is. */
class Launch {
  /**
   * @param args the folder of the launcher's files, and the checkout
   */
  public static void main(String[] args) throws IOException {
    Path launch = Files.createDirectories(Path.of(args[0]));
    Files.writeString(launch.resolve("checkout"), Path.of(args[1]).toRealPath() + "\n");
    Files.writeString(launch.resolve("java-home"), System.getProperty("java.home") + "\n");
  }
}
