/**
 * The metadata store on a relational database: the only room that knows SQL. SQL is what H2 and
 * PostgreSQL both accept.
 */
@NullMarked
package dev.millrace.registry.server.jdbc;

import org.jspecify.annotations.NullMarked;
