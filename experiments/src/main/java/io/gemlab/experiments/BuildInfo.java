package io.gemlab.experiments;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Versions of Gemlab and of the libraries that it was built with. */
public final class BuildInfo {
  private static final Properties BUILD = read();

  /** Gemlab's version, such as {@code 0.1.0-SNAPSHOT}. */
  public static final String VERSION = BUILD.getProperty("version");

  private BuildInfo() {}

  /** The version of a library that Gemlab was built with, by its name in the build. */
  public static String library(String name) {
    return BUILD.getProperty(name);
  }

  private static Properties read() {
    Properties build = new Properties();
    try (InputStream stream = BuildInfo.class.getResourceAsStream("build.properties")) {
      build.load(stream);
      return build;
    } catch (IOException e) {
      throw new UncheckedIOException("the build lost its version", e);
    }
  }
}
