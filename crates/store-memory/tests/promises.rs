//! What every store promises, kept in memory.

use store_memory::MemoryStore;

#[test]
fn every_promise_is_kept() {
    store_conformance::check(|| (), |(), layout| MemoryStore::of(&layout));
}
