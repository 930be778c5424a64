//! How many connections the process can hold.

use std::fs;

use rest::edge::limits::Limits;

/// Left for the databases, the ports and the log.
const KEPT: usize = 256;

/// The usual limits, and no more connections than there are descriptors for.
pub fn limits() -> Limits {
    let usual = Limits::default();
    let most = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files);
    let connections_max = match most {
        Some(most) => usual.connections_max.min(most.saturating_sub(KEPT).max(most / 2)),
        None => usual.connections_max,
    };
    Limits { connections_max, ..usual }
}

/// How many files a process may open, as Linux tells it.
fn open_files(limits: &str) -> Option<usize> {
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::open_files;

    #[test]
    fn the_soft_limit_counts() {
        let told = "Limit   Soft Limit  Hard Limit  Units\nMax open files  1024  524288  files\n";
        assert_eq!(open_files(told), Some(1024));
        assert_eq!(open_files("Max open files  unlimited  unlimited  files"), None);
        assert_eq!(open_files(""), None);
    }
}
