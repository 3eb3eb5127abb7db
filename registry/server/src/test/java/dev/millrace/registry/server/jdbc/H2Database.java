package dev.millrace.registry.server.jdbc;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;

/** An H2 database with the registry's schema, outside Quarkus. */
public final class H2Database {
  private H2Database() {}

  /** Opens or makes the database at {@code url}. */
  public static DataSource open(String url) {
    var pool = JdbcConnectionPool.create(url, "sa", "");
    Flyway.configure()
        .dataSource(pool)
        .locations("classpath:db/millrace-registry")
        .load()
        .migrate();
    return pool;
  }
}
