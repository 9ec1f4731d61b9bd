/** What can be configured: records whose components are the keys, and the reader of their files. */
@NullMarked
package io.lockstep.server.config;

import org.jspecify.annotations.NullMarked;
