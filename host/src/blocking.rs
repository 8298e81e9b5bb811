//! Threads for work that may never end, for example with a file of a server that is
//! gone. They are not those of the embedder's tokio: neither the embedder's other
//! work nor the end of its runtime may wait for that.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// How long a thread without work stays.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Threads that start when there is work.
#[derive(Debug)]
pub(crate) struct BlockingThreads {
    handle: Handle,
    /// Nothing but its threads for blocking work is used of it.
    runtime: Option<Runtime>,
}

impl BlockingThreads {
    /// At most so many threads, which give way to others by so much.
    pub(crate) fn new(name: &str, most: u32, nice: i32) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(most.max(1) as usize)
            .thread_keep_alive(KEEP_ALIVE)
            .thread_name(name)
            .on_thread_start(move || {
                if nice != 0 {
                    // Of this thread alone: Linux has priorities of threads. One that
                    // stays as it was is no worse than before.
                    let _ = rustix::process::setpriority_process(None, nice);
                }
            })
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Does the work on one of them.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.handle.spawn_blocking(work)
    }
}

impl Drop for BlockingThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
