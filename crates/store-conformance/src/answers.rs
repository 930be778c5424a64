//! What was answered under idempotency keys.

use kernel::Time;
use runtime::store::{Answer, Store};

use crate::{
    Promise,
    shop::{batch, bytes},
};

pub const PROMISES: &[Promise] = &[
    ("an answer is found under its key", an_answer_is_found_under_its_key),
    ("a later answer takes the place of an expired one", a_later_answer_takes_its_place),
];

fn an_answer_is_found_under_its_key(store: &dyn Store) {
    let (first, last) = (answer(0, "first"), answer(u128::MAX, "last"));
    store.commit(&batch(|it| it.answers = vec![first.clone(), last.clone()])).unwrap();

    assert_eq!(store.answer("shop", 0).unwrap(), Some(first));
    assert_eq!(store.answer("shop", u128::MAX).unwrap(), Some(last));
    assert_eq!(store.answer("shop", 1).unwrap(), None);
    assert_eq!(store.answer("billing", 0).unwrap(), None);
}

fn a_later_answer_takes_its_place(store: &dyn Store) {
    store.commit(&batch(|it| it.answers = vec![answer(7, "expired")])).unwrap();
    store.commit(&batch(|it| it.answers = vec![answer(7, "later")])).unwrap();
    assert_eq!(store.answer("shop", 7).unwrap(), Some(answer(7, "later")));
}

fn answer(scope: u128, said: &str) -> Answer {
    Answer { scope, body: !scope, at: Time(5), said: bytes(said) }
}
