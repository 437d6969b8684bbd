/** From the words of flags and recipes to what they stand for. */
package io.gemlab.experiments.choice;
