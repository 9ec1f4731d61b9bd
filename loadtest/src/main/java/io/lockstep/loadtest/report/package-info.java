/** What samples amount to: percentiles, tables, JSON and a page with plots. */
@NullMarked
package io.lockstep.loadtest.report;

import org.jspecify.annotations.NullMarked;
