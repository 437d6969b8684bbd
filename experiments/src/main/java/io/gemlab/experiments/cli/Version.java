package io.gemlab.experiments.cli;

import io.gemlab.experiments.About;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "gemlab " + About.VERSION,
      "TensorFlow " + org.tensorflow.TensorFlow.version(),
      "Java " + Runtime.version()
    };
  }
}
