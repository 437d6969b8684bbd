package io.gemlab.experiments.run;

/** Hears how far an ablation is, and may stop it. */
public interface RunMonitor {

  /** So much of the announced work was done. */
  void worked(long units);

  /** So much more work is to be done than was announced, or less if it is negative. */
  default void announced(long more) {}

  /** What is being done now. */
  void now(String what);

  /** How the work stands, in a few numbers, for whoever watches. */
  default void stands(String numbers) {}

  /** Something that the user should know, in a line; it is no reason to stop. */
  default void said(String line) {}

  /**
   * Throws where the work is to stop; a resumed run goes on from there.
   *
   * @throws Stopped if somebody asked for it
   */
  void check();

  /** Somebody stopped the work. */
  final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Stopped() {
      super("stopped", null, false, false);
    }
  }
}
