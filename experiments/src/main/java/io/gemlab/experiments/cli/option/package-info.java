/** Groups of flags that several commands share, and what they mean. */
package io.gemlab.experiments.cli.option;
