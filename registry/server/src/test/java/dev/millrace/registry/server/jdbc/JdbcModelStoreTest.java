package dev.millrace.registry.server.jdbc;

import dev.millrace.registry.store.ModelStore;
import dev.millrace.registry.store.ModelStoreContract;
import java.util.UUID;

class JdbcModelStoreTest extends ModelStoreContract {
  @Override
  protected ModelStore emptyStore() {
    return new JdbcModelStore(
        H2Database.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1"));
  }
}
