package io.gemlab.experiments.cli;

import io.gemlab.experiments.BuildInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "gemlab " + BuildInfo.VERSION,
      "TensorFlow Java " + BuildInfo.library("tensorflow-java"),
      "Java " + Runtime.version()
    };
  }
}
