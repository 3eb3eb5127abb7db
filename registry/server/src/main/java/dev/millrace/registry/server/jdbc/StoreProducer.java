package dev.millrace.registry.server.jdbc;

import dev.millrace.registry.store.ModelStore;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Opens the store on the database of the configuration. */
@Singleton
class StoreProducer {
  @Produces
  @Singleton
  ModelStore store(@DataSource("h2") AgroalDataSource h2) {
    return new JdbcModelStore(h2);
  }
}
