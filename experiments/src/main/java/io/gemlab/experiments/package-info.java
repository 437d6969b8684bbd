/** The harnesses, one a package, and the command line. */
package io.gemlab.experiments;
