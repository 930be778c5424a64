//! Many ask at the same time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use runtime::store::Store;

use crate::{Promise, shop::place};

pub const PROMISES: &[Promise] = &[("many read while one writes", many_read_while_one_writes)];

/// Says that it is over when it is dropped, by a panic too: nobody waits in vain.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn many_read_while_one_writes(store: &dyn Store) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut last = 0;
                while !is_over.load(Ordering::Acquire) {
                    let position = store.heads("shop").unwrap().position;
                    assert!(position >= last);
                    last = position;
                    assert!(store.count_rows("shop", "orders", &[]).unwrap() >= last);
                    let history = store.history("shop", "Order", last).unwrap();
                    assert_eq!(history.len() as u64, last.min(1));
                }
            });
        }
        let _over = Over(&is_over);
        place(store, 1..=60);
    });
    assert_eq!(store.heads("shop").unwrap().position, 60);
}
