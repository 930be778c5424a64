//! A folder for one trial.

use std::path::Path;

use tempfile::TempDir;

/// A folder of its own, in memory where the machine has a place for that: what
/// a disk would keep is known without one.
pub fn new() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.or_else(|_| TempDir::new()).expect("a folder can be made")
}
