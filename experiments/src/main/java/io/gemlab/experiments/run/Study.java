package io.gemlab.experiments.run;

import io.gemlab.reports.record.Provenance;

/**
 * What runs belong to.
 *
 * @param name the experiment's, in records
 * @param recipe its whole recipe, in YAML
 * @param provenance where its numbers come from
 */
public record Study(String name, String recipe, Provenance provenance) {}
