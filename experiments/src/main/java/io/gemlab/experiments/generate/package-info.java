/** Text from checkpoints: what the commands that tokenize, generate and chat do. */
package io.gemlab.experiments.generate;
