/**
 * A model that answers requests: {@code RequestScorer} scores and generates what it isn't told
 * already by an {@code AnswerCache}, each request once. The only room that knows a model; a server
 * answers its clients' requests by the same ({@code graph.score} lays them out in rows).
 */
package io.gemlab.experiments.eval.score;
