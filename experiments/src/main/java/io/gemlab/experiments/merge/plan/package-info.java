/**
 * What a recipe comes to with the models that it names: each tensor of the result, its inputs and
 * parameters, and the files beside them. Whatever doesn't fit is refused here, before anything is
 * computed or written.
 */
package io.gemlab.experiments.merge.plan;
