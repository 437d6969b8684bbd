/** ops. */
package io.gemlab.ops;
