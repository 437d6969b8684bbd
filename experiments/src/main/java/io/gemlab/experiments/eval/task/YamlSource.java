package io.gemlab.experiments.eval.task;

import io.gemlab.graph.base.input.InvalidInput;
import io.gemlab.graph.base.input.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where YAML comes from. */
sealed interface YamlSource {
  /** What to call it in messages. */
  String name();

  /**
   * @throws InvalidInput if it can't be read
   */
  String read();

  /** What {@code include: NAME} in it means. */
  YamlSource included(String name);

  /** The folder it is in; empty for what the build has. */
  Optional<Path> folder();

  /** A file. */
  record File(Path path) implements YamlSource {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public String read() {
      try {
        return JsonFile.withoutByteOrderMark(Files.readString(path));
      } catch (CharacterCodingException e) {
        throw new InvalidInput(path + " is not UTF-8: save it as UTF-8", e);
      } catch (IOException e) {
        throw InvalidInput.unreadable(path, e);
      }
    }

    @Override
    public YamlSource included(String name) {
      return new File(path.resolveSibling(name));
    }

    @Override
    public Optional<Path> folder() {
      return Optional.of(path.toAbsolutePath().getParent());
    }
  }

  /**
   * A task that the build has.
   *
   * @param resource beside this class
   */
  record BuiltIn(String resource) implements YamlSource {
    @Override
    public String name() {
      return "the built-in " + resource;
    }

    boolean exists() {
      return BuiltIn.class.getResource(resource) != null;
    }

    @Override
    public String read() {
      try (InputStream yaml = BuiltIn.class.getResourceAsStream(resource)) {
        return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException("the build lost the task " + resource, e);
      }
    }

    @Override
    public YamlSource included(String name) {
      return new BuiltIn(name);
    }

    @Override
    public Optional<Path> folder() {
      return Optional.empty();
    }
  }
}
