/** The recurrent model: a GRU that forecasts the next day's hourly bike rentals. */
@NullMarked
package io.lockstep.models.recurrent;

import org.jspecify.annotations.NullMarked;
