package io.gemlab.graph.base.text;

/** Keeps DJL, which brings the native tokenizers, off the network. */
final class Djl {
  private Djl() {}

  /**
   * To be called before any of DJL's classes is used. Otherwise DJL asks the cloud's metadata
   * service where it runs and reports it, and fetches a CUDA build where it sees a GPU; it has this
   * one switch for both, which only a user's own DJL_OFFLINE=false in the environment overrules.
   */
  static void stayOffline() {
    System.setProperty("ai.djl.offline", "true");
  }
}
