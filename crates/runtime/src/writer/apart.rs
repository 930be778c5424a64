//! Work that shares its commit with nothing.

use super::{Desk, Work};
use crate::Failure;

/// Does what waits, in order. What has to be alone finds nothing staged: what
/// came before it is durable, and what comes after has not begun.
pub fn work_off(desk: &mut Desk, ready: Result<(), Failure>, batch: &mut Vec<Box<dyn Work>>) {
    if ready.is_err() {
        return desk.work_guarded(ready, batch);
    }
    while let Some(at) = batch.iter().position(|work| work.is_alone()) {
        let after = batch.split_off(at + 1);
        let mut alone = batch.split_off(at);
        if !batch.is_empty() {
            desk.work_guarded(Ok(()), batch);
        }
        desk.work_guarded(Ok(()), &mut alone);
        *batch = after;
    }
    if !batch.is_empty() {
        desk.work_guarded(Ok(()), batch);
    }
}
