/** reports. */
package io.gemlab.reports;
