//! What processes use, as the kernel tells it (Linux).

use std::collections::BTreeMap;
use std::path::Path;

/// The kernel counts in hundredths of a second (USER_HZ is 100 on every Linux that is built).
const TICKS_PER_SEC: f64 = 100.0;

/// User and system time of a process so far, in seconds.
pub fn cpu_secs(process: u32) -> f64 {
    of_stat(Path::new(&format!("/proc/{process}/stat")))
}

/// The same of our own threads, by name; those of the runtime under one name.
pub fn cpu_secs_by_thread() -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let threads = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    for thread in threads {
        let name = std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        *found.entry(name.trim().to_owned()).or_insert(0.0) += of_stat(&thread.path().join("stat"));
    }
    found
}

/// Resident memory of our own process in KiB; zero where the kernel does not tell.
pub fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Fields 14 and 15; the name before them may hold spaces, and ends with the last parenthesis.
fn of_stat(path: &Path) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / TICKS_PER_SEC
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_use_is_told() {
        assert!(resident_kib() > 1_000);
        assert!(cpu_secs(std::process::id()) >= 0.0);
        assert!(!cpu_secs_by_thread().is_empty());
    }
}
