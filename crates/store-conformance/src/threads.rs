//! Many ask at the same time.

use runtime::store::Store;

use crate::{Promise, shop::place};

pub const PROMISES: &[Promise] = &[("many read while one writes", many_read_while_one_writes)];

fn many_read_while_one_writes(store: &dyn Store) {
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut last = 0;
                while last < 60 {
                    let position = store.heads("shop").unwrap().position;
                    assert!(position >= last);
                    last = position;
                    assert!(store.count_rows("shop", "orders", &[]).unwrap() >= last);
                    let history = store.history("shop", "Order", last).unwrap();
                    assert_eq!(history.len() as u64, last.min(1));
                }
            });
        }
        place(store, 1..=60);
    });
}
