package dev.millrace.registry.store;

class InMemoryModelStoreTest extends ModelStoreContract {
  @Override
  protected ModelStore emptyStore() {
    return new InMemoryModelStore();
  }
}
