/**
 * The study of docs/results/distillation.md: a teacher and the files of what it says ({@code
 * Teachers}), students of three sizes from labels and from these ({@code OfflineStudy}, by {@code
 * gemlab ablate}), students that go on offline and online ({@code OnlineStudy}), their records
 * ({@code Offline}, {@code Online}), and what they come to ({@code Findings}).
 */
package io.gemlab.experiments.distill.study;
