package io.gemlab.experiments.ablate;

/** Who runs an ablation watches it here: how far it came, and whether it is to stop. */
public interface Watch {

  /** So much of the announced work was done. */
  void worked(long units);

  /** What is being done now. */
  void now(String what);

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
