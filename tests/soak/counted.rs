//! What this process holds: tasks, files, threads, processes, memory.

use std::fs;

use tokio::runtime::Runtime as Tokio;

use crate::work::MARK;

/// What there is of everything that may leak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) tasks: usize,
    pub(crate) files: usize,
    pub(crate) threads: usize,
    /// Those that the guests started.
    pub(crate) processes: usize,
    /// Mappings of memory: an allocator may make some more, a runtime's are hundreds.
    pub(crate) maps: usize,
    pub(crate) memory_kib: u64,
}

impl Counted {
    pub(crate) fn now(tokio: &Tokio) -> Self {
        Self {
            tasks: tokio.metrics().num_alive_tasks(),
            files: entries("/proc/self/fd"),
            threads: entries("/proc/self/task"),
            processes: crate::support::processes_with(MARK),
            maps: fs::read_to_string("/proc/self/maps")
                .expect("this process")
                .lines()
                .count(),
            memory_kib: memory_kib(),
        }
    }
}

impl Counted {
    /// Whether there is no more than there was, memory left out.
    pub(crate) fn fits(&self, before: &Self) -> bool {
        self.tasks <= before.tasks
            && self.files <= before.files
            && self.threads <= before.threads
            && self.processes == 0
    }
}

fn entries(folder: &str) -> usize {
    fs::read_dir(folder).expect("this process").count()
}

fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("this process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("its memory")
}
