/**
 * The platform as a child process of the command line: started as the launcher starts it, awaited,
 * stopped by SIGTERM. Enters a {@link dev.millrace.cli.platform.PlatformProcess.Start}, leaves the
 * address and key of a platform that serves.
 */
@NullMarked
package dev.millrace.cli.platform;

import org.jspecify.annotations.NullMarked;
