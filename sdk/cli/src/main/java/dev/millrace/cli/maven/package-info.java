/**
 * Fetches files out of jars by their Maven coordinates, with the user's own settings: mirrors,
 * proxies, credentials and local repository. Coordinates enter, a file on disk leaves.
 */
@NullMarked
package dev.millrace.cli.maven;

import org.jspecify.annotations.NullMarked;
