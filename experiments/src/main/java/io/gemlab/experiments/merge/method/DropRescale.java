package io.gemlab.experiments.merge.method;

/** What a task vector is multiplied by to make up for the elements that were dropped from it. */
public enum DropRescale {
  /** So that its sum of magnitudes is what it was, as mergekit does. */
  NORM,
  /** By 1 / density, as the DARE paper does (arXiv:2311.03099). */
  DENSITY
}
