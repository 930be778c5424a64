//! What others have written may panic: that is their fault, and ours to survive.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use crate::Failure;

/// Runs it; a panic becomes a fault.
pub fn guarded<T>(what: &str, run: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| panicked(what, &*panic))
}

/// Waits for it; a panic becomes a fault.
pub async fn guarded_wait<T>(what: &str, wait: impl Future<Output = T>) -> Result<T, Failure> {
    let mut wait = pin!(wait);
    poll_fn(|context| match guarded(what, || wait.as_mut().poll(context)) {
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(failure) => Poll::Ready(Err(failure)),
    })
    .await
}

fn panicked(what: &str, panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason");
    Failure::fault(format!("{what} panicked: {text}"))
}
