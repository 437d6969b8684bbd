package io.gemlab.experiments.cli;

import io.gemlab.experiments.About;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "gemlab " + About.VERSION,
      "TensorFlow Java " + About.library("tensorflow-java"),
      "Java " + Runtime.version()
    };
  }
}
